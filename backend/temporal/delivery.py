"""How the relay's rows reach Temporal: a start or a signal, each safe to repeat."""

from datetime import timedelta

from pydantic import ValidationError
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from backend.cases.core.access import Processes
from backend.cases.outbox.outbox import Message
from backend.cases.outbox.relay import PermanentFailure
from backend.database.tables import OutboxRow
from backend.kit.action import ActionTaken
from backend.kit.approval import Verdict
from backend.kit.case import Amended, Case, Recall
from backend.kit.progress import Turn
from backend.temporal.absence import is_gone
from backend.workflows.core.task_queues import workflow_queue

RPC_TIMEOUT = timedelta(seconds=10)
HOPELESS = {
    RPCStatusCode.INVALID_ARGUMENT,
    RPCStatusCode.OUT_OF_RANGE,
    RPCStatusCode.UNIMPLEMENTED,
    RPCStatusCode.PERMISSION_DENIED,
}
SIGNALS: dict[Message, type[Verdict | Recall | Amended | ActionTaken | Turn]] = {
    Message.DECIDE: Verdict,
    Message.RECALL: Recall,
    Message.AMEND: Amended,
    Message.ACT: ActionTaken,
    Message.TURN: Turn,
    Message.CORRECT: Amended,
}


class TemporalDelivery:
    """Starts and signals through one client."""

    def __init__(self, client: Client, processes: Processes) -> None:
        self._client = client
        self._processes = processes

    async def __call__(self, row: OutboxRow) -> str | None:
        """Deliver one row; the run id if it was a start."""
        try:
            if row.kind == Message.START:
                return await self._start(row)
            await self._signal(row)
        except ValidationError as error:
            raise PermanentFailure("What was written no longer fits its process.") from error
        except RPCError as error:
            if error.status in HOPELESS:
                raise PermanentFailure(error.status.name) from error
            raise
        return None

    async def _start(self, row: OutboxRow) -> str | None:
        process = self._processes.get(str(row.payload["process"]))
        if process is None:
            raise PermanentFailure(f"There is no process {row.payload['process']} any more.")
        shape = Case[process.input, process.plan]  # type: ignore[name-defined]
        case = shape.model_validate(row.payload)
        try:
            handle = await self._client.start_workflow(
                process.workflow.run,
                case,
                id=row.workflow_id,
                task_queue=workflow_queue(process.domain),
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
                execution_timeout=process.time_limit_of(case.plan),
                rpc_timeout=RPC_TIMEOUT,
            )
        except WorkflowAlreadyStartedError as already:
            # The first delivery arrived and only its answer was lost.
            return already.run_id
        return handle.first_execution_run_id

    async def _signal(self, row: OutboxRow) -> None:
        kind = Message(row.kind)
        argument = SIGNALS[kind].model_validate(row.payload)
        handle = self._client.get_workflow_handle(row.workflow_id)
        try:
            await handle.signal(kind.value, argument, rpc_timeout=RPC_TIMEOUT)
        except RPCError as error:
            # A workflow that has ended needs no signal; the reconciler has the last word.
            if not is_gone(error):
                raise
