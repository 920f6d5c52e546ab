"""Approvals opened without a workflow, by the code of its activity."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4

from backend.cases.approvals.core.locked_approval import locked_approval
from backend.cases.approvals.decide.decide import decide
from backend.cases.approvals.decide.decision import Channel, Decision
from backend.cases.approvals.request.open_approval import ApprovalRequest, OpenedApproval, open_approval
from backend.cases.core.access import Processes
from backend.cases.core.actor import Actor
from backend.cases.lifecycle.submission import Source, Submission, open_case
from backend.database.engine import Database
from backend.database.tables import Case
from backend.kit.approval import DecisionKind, Step
from backend.kit.progress import Milestone, Progress
from backend.processes import by_key
from tests.support.cast import person
from tests.support.purchases import purchase

Result = TypeVar("Result")
STEP = Step(
    key="finance",
    label="Finance",
    question="Buy it?",
    who=("group:finance",),
    due=timedelta(days=1),
    deadline=timedelta(days=60),
    working_time=False,  # tests count by the clock
)


async def a_case(database: Database, form: dict[str, Any] | None = None, requester: str = "ann") -> Case:
    """A purchase by this requester without an approval."""
    process = by_key()["purchase_approval"]
    known = await person(database, requester)
    by = replace(known, groups=known.groups | process.rights.start)
    sent = process.input.model_validate(form or purchase())
    async with database.transaction(by.tenant) as session:
        opened = await open_case(session, Submission(process, sent, source=Source.API, key=str(uuid4()), by=by))
    return opened.case


def question_of(case: Case, asked_at: datetime | None = None, **step: Any) -> ApprovalRequest:
    """An approval request for the case; keyword arguments change the step."""
    changed = STEP.model_copy(update=step)
    return ApprovalRequest(
        tenant="default",
        case_id=case.id,
        step=changed,
        round=1,
        asked_at=asked_at or datetime.now(UTC),
        subject="it",
        progress=Progress(milestones=[Milestone(key=changed.key, label=changed.label)]),
    )


async def asked_about(
    database: Database, form: dict[str, Any] | None = None, requester: str = "ann", **step: Any
) -> tuple[Case, OpenedApproval]:
    """A purchase by this requester and its open approval; keyword arguments change the step, `asked_at` the time."""
    case = await a_case(database, form, requester)
    return case, await open_approval(database, question_of(case, **step))


async def answered(
    database: Database,
    approval: OpenedApproval,
    who: str,
    kind: DecisionKind,
    comment: str = "because",
    *,
    version: int = 1,
) -> None:
    """Decide as this person."""
    by = await person(database, who)
    await act_on(database, approval.approval_id, by, decide, decision(kind, version, comment))


def decision(kind: DecisionKind, version: int = 1, comment: str = "", **more: Any) -> Decision:
    """A decision over REST."""
    return Decision(kind=kind, version=version, comment=comment, channel=Channel.API, **more)


async def act_on(
    database: Database,
    approval_id: UUID,
    by: Actor,
    action: Callable[..., Awaitable[Result]],
    *given: Any,
    processes: Processes | None = None,
    **more: Any,
) -> Result:
    """Lock this approval as this person and take an action on it."""
    async with locked_approval(database, processes or by_key(), approval_id, by) as locked:
        return await action(locked, *given, **more)
