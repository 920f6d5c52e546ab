"""Watch failures: notify owners within seconds, and forget what no longer fails."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Select, and_, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.core.access import Processes
from backend.cases.core.actor import ADMINS
from backend.cases.notifications.notify import notify_owners
from backend.cases.operations.failing_steps import (
    WORKFLOW_CODE,
    FailedAttempt,
    forget_steps_of_closed_cases,
    note_failure,
    note_success,
    step_title,
)
from backend.cases.outbox.outbox import Message
from backend.database.engine import Database
from backend.database.tables import Case, FailingStep, OutboxRow
from backend.kit.i18n import N_
from backend.kit.moments import in_utc

# A step that fails once or twice in a moment is no news: the next attempt works as a rule.
WORTH_A_NOTICE = timedelta(seconds=10)
# An attempt that is that late is not made any more: the case went on without it, or its worker is away.
LATE = timedelta(seconds=20)
# A workflow that was sent a message reports within seconds; one that does not is checked.
REPORTS_WITHIN = timedelta(seconds=10)
CHECKED_FOR = timedelta(days=1)
LOOKED_AT = 50  # each time
ANSWERED = (Message.START, Message.DECIDE, Message.AMEND, Message.ACT, Message.RECALL)


@dataclass(frozen=True)
class Pending:
    """What an execution waits for: attempts of its activities by id, and of its own next step (0 without one)."""

    activities: Mapping[str, int]
    task_attempts: int = 0


@dataclass(frozen=True)
class WorkflowProblems:
    """What Temporal knows: what an execution waits for, why its code fails, and the ids of those whose code does."""

    pending: Callable[[str], Awaitable[Pending | None]]
    reason: Callable[[str], Awaitable[str]]
    with_problems: Callable[[], Awaitable[Collection[str]]]


async def watch_failures(database: Database, processes: Processes, temporal: WorkflowProblems) -> None:
    """One round: notify, forget, and find workflows whose own code fails. RPCError if Temporal is away."""
    await _notify(database, processes)
    async with database.across_tenants() as session:
        await forget_steps_of_closed_cases(session)
        late = list(await session.scalars(_late()))
        silent = set(await session.scalars(_silent()))
    for row in late:
        await _check(database, temporal, row)
    for workflow_id in silent | set(await temporal.with_problems()):
        await _check_code(database, temporal, workflow_id)


def _late() -> Select[FailingStep]:
    due = func.coalesce(FailingStep.next_at, FailingStep.failed_at) < func.clock_timestamp() - LATE
    return select(FailingStep).where(due).order_by(FailingStep.failed_at).limit(LOOKED_AT)


def _silent() -> Select[str]:
    """Running cases that were sent a message and have not reported since."""
    sent = and_(
        OutboxRow.case_id == Case.id,
        OutboxRow.kind.in_(ANSWERED),
        OutboxRow.sent_at > Case.progress_at,
        OutboxRow.sent_at.between(func.clock_timestamp() - CHECKED_FOR, func.clock_timestamp() - REPORTS_WITHIN),
    )
    started = (Case.closed_at.is_(None), Case.run_id.is_not(None), exists().where(sent))
    statement: Select[str] = select(Case.workflow_id).where(*started).order_by(func.random()).limit(LOOKED_AT)
    return statement


async def _check(database: Database, temporal: WorkflowProblems, row: FailingStep) -> None:
    """Forget a step that is no longer retried."""
    pending = await temporal.pending(row.workflow_id)
    code = row.activity_id == WORKFLOW_CODE
    if pending is None or (pending.task_attempts <= 1 if code else row.activity_id not in pending.activities):
        await note_success(database, row.workflow_id, row.activity_id)


async def _check_code(database: Database, temporal: WorkflowProblems, workflow_id: str) -> None:
    pending = await temporal.pending(workflow_id)
    if pending is None or pending.task_attempts <= 1:
        return
    reason = await temporal.reason(workflow_id)
    if not reason:
        return  # nobody has tried yet: that no worker is there is said elsewhere
    failed = FailedAttempt(
        workflow_id=workflow_id,
        activity_id=WORKFLOW_CODE,
        step="",
        attempts=pending.task_attempts,
        reason=reason,
        next_at=None,
    )
    await note_failure(database, failed)


async def _notify(database: Database, processes: Processes) -> None:
    """Tell the owners of what has failed for a while, and set the flag that lists show."""
    old = FailingStep.since < func.clock_timestamp() - WORTH_A_NOTICE
    async with database.across_tenants() as session:
        rows = list(await session.scalars(select(FailingStep).where(FailingStep.attention == "", old).limit(LOOKED_AT)))
        flagged = list(await session.scalars(_flagged(processes)))
    for row in rows:
        async with database.transaction(row.tenant_id) as session:
            await _notify_of(session, processes, row)
    for case in flagged:
        async with database.transaction(case.tenant_id) as session:
            await notify_owners(session, case, str(case.attention), operators_of(processes, case))


def _flagged(processes: Processes) -> Select[Case]:
    """Cases that need attention of others than administrators, who were notified at once."""
    operated = [key for key, process in processes.items() if process.rights.operate - {ADMINS}]
    wanted = (Case.attention.is_not(None), Case.closed_at.is_(None), Case.process.in_(operated))
    return select(Case).where(*wanted).limit(LOOKED_AT)


def operators_of(processes: Processes, case: Case) -> frozenset[str]:
    """The groups that put cases of this process right."""
    process = processes.get(case.process)
    return process.rights.operators if process else frozenset()


async def _notify_of(session: AsyncSession, processes: Processes, row: FailingStep) -> None:
    case = await session.get(Case, row.case_id, with_for_update=True)
    kept = await session.get(FailingStep, (row.workflow_id, row.activity_id), with_for_update=True)
    if case is None or kept is None or case.closed_at is not None:
        return
    kept.attention = attention_of(kept)
    case.attention = case.attention or kept.attention
    await notify_owners(session, case, kept.attention, operators_of(processes, case))


def attention_of(row: FailingStep) -> str:
    """What owners read: which step, since when and why."""
    if row.activity_id == WORKFLOW_CODE:
        sentence = N_(
            "This case has been unable to continue since {since} because of an error in its program. {reason}"
        )
        return sentence.format(since=in_utc(row.since), reason=row.reason)
    sentence = N_("{step_name}: failing since {since}. {cause}")
    return sentence.format(step_name=step_title(row.step), since=in_utc(row.since), cause=row.reason)
