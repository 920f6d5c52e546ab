"""The sandbox of workflow code: without clock, randomness and I/O."""

from dataclasses import dataclass
from typing import Any

from temporalio.converter import StorageDriverStoreContext
from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from backend.workers.payload_guard import Alarm, PayloadGuard, no_alarm

PASSED_THROUGH = ("backend", "pydantic", "pydantic_core", "annotated_types", "idna", "sqlalchemy", "sqlmodel")


class ContextFree(WorkflowInstance):
    """A workflow whose payloads are written and read in one way, whatever they belong to, if they are ours.

    The SDK enters the sandbox several times for each payload to ask what it belongs to, a tenth of what a workflow
    costs. Neither our converter nor our codec wants to know.
    """

    def __init__(self, inner: WorkflowInstance, guard: PayloadGuard) -> None:
        self._inner = inner
        self._guard = guard

    def activate(self, act: Any) -> Any:
        """Handle an activation, without foreign payloads."""
        return self._guard.refuse(act) or self._inner.activate(act)

    def get_serialization_context(self, _command_info: Any) -> None:
        """None."""

    def get_external_store_context(self, _command_info: Any) -> StorageDriverStoreContext:
        """None of our payloads are stored externally."""
        return StorageDriverStoreContext(target=None)

    def get_info(self) -> Any:
        """The workflow it belongs to."""
        return self._inner.get_info()

    def get_thread_id(self) -> int | None:
        """The thread it runs on, to find deadlocks."""
        return self._inner.get_thread_id()


@dataclass(frozen=True)
class Sandbox(SandboxedWorkflowRunner):
    """The SDK's sandbox, without work that we do not need, and with a guard against foreign payloads."""

    alarm: Alarm = no_alarm

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """One run of a workflow."""
        guard = PayloadGuard(det.info.workflow_id, det.defn.signals, self.alarm)
        return ContextFree(super().create_instance(det), guard)


def sandbox(alarm: Alarm = no_alarm) -> SandboxedWorkflowRunner:
    """The sandbox of every worker and replayer; what is passed through is loaded once, and is free of side effects."""
    restrictions = SandboxRestrictions.default.with_passthrough_modules(*PASSED_THROUGH)
    return Sandbox(restrictions=restrictions, alarm=alarm)
