"""Payloads that were not encrypted by us are refused before workflow code sees them: the case goes on, admins know.

Anybody who reaches Temporal can signal a workflow, complete an activity of it or start another one. Nothing in here
reads the clock or a database, so a replay refuses the same.
"""

from collections.abc import Callable, Collection, Iterable

from temporalio.api.common.v1 import Payload
from temporalio.bridge.proto.workflow_activation import ResolveActivity, WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion

from backend.activities.core.errors import NOT_OURS
from backend.temporal.codec import CannotDecrypt, Distrust, distrust

UNKNOWN_NAME = "unknown"

# The id of the workflow, the name of the signal or what else it was, and why it was refused.
Alarm = Callable[[str, str, str], None]


def no_alarm(_workflow_id: str, _name: str, _reason: str) -> None:
    """For a replay, which warns nobody."""


class PayloadGuard:
    """Refuses foreign payloads sent to one workflow; `signals` are the names that it handles."""

    def __init__(self, workflow_id: str, signals: Collection[str | None], alarm: Alarm) -> None:
        self._workflow_id = workflow_id
        self._signals = signals
        self._alarm = alarm
        self._refused_start = False

    def refuse(self, act: WorkflowActivation) -> WorkflowActivationCompletion | None:
        """Take what is not ours out of this activation; if its start is not ours, the answer that fails the workflow.

        A signal loses its content and stays a hint. A result becomes a failure that is not retried.
        """
        for job in act.jobs:
            if job.HasField("initialize_workflow"):
                self._refused_start = self._refuse_start(job.initialize_workflow.arguments, act)
            elif job.HasField("signal_workflow"):
                signal = job.signal_workflow
                if self._refuses(signal.signal_name, signal.input, act):
                    del signal.input[:]
            elif job.HasField("resolve_activity"):
                self._refuse_result(job.resolve_activity, act)
        return _failed(act) if self._refused_start else None

    def _refuses(self, name: str, payloads: Iterable[Payload], act: WorkflowActivation) -> bool:
        reason = _reason(payloads)
        known = name in self._signals
        if (reason or not known) and not act.is_replaying:
            self._alarm(self._workflow_id, name if known else UNKNOWN_NAME, reason or "unknown name")
        return reason is not None

    def _refuse_start(self, payloads: Iterable[Payload], act: WorkflowActivation) -> bool:
        reason = _reason(payloads)
        if reason is Distrust.UNKNOWN_KEY:  # tried again until this worker has the key
            raise CannotDecrypt("The key of the input is not in the ring.")
        if reason and not act.is_replaying:
            self._alarm(self._workflow_id, "start", reason)
        return reason is not None

    def _refuse_result(self, resolved: ResolveActivity, act: WorkflowActivation) -> None:
        if not resolved.result.HasField("completed") or not resolved.result.completed.HasField("result"):
            return
        reason = _reason([resolved.result.completed.result])
        if reason is None:
            return
        if reason is Distrust.UNKNOWN_KEY:
            raise CannotDecrypt("The key of a result is not in the ring.")
        if not act.is_replaying:
            self._alarm(self._workflow_id, "result", reason)
        failure = resolved.result.failed.failure  # replaces the result
        failure.activity_failure_info.SetInParent()
        failure.cause.message = "The result of this step did not come from Countersign and was refused."
        failure.cause.application_failure_info.type = NOT_OURS
        failure.cause.application_failure_info.non_retryable = True


def _reason(payloads: Iterable[Payload]) -> Distrust | None:
    return next((reason for payload in payloads if (reason := distrust(payload))), None)


def _failed(act: WorkflowActivation) -> WorkflowActivationCompletion:
    """The workflow fails at its start; nothing of it runs."""
    completion = WorkflowActivationCompletion(run_id=act.run_id)
    completion.successful.SetInParent()
    if any(job.HasField("initialize_workflow") for job in act.jobs):
        failure = completion.successful.commands.add().fail_workflow_execution.failure
        failure.message = "The input of this workflow did not come from Countersign and was refused."
        failure.application_failure_info.type = NOT_OURS
    return completion
