"""All approvals that a person may see, whether open or closed."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.access import Processes, visible_cases
from backend.cases.actor import Actor
from backend.cases.inbox import InboxItem
from backend.database.pages import BadCursor, Page, cursor, read_cursor
from backend.database.tables import Approval, Candidate, Case, Person
from backend.kit.approval import ApprovalState


@dataclass(frozen=True)
class ApprovalFilter:
    """What to show; empty fields do not filter."""

    state: ApprovalState | None = None
    mine: bool = False
    case: str = ""


async def list_approvals(
    session: AsyncSession, actor: Actor, processes: Processes, only: ApprovalFilter, after: str = "", limit: int = 50
) -> Page[InboxItem]:
    """One page, soonest due first. BadCursor if `after` is not ours."""
    statement = (
        select(Approval, Case, Person.name)
        .join(Case, Case.id == Approval.case_id)
        .join(Person, Person.id == Case.opened_by)
        .where(visible_cases(actor, processes))
    )
    if only.state:
        statement = statement.where(Approval.state == only.state)
    if only.case:
        statement = statement.where(Case.reference == only.case)
    if only.mine:
        asked = select(Candidate.approval_id).where(Candidate.principal.in_(actor.principals))
        statement = statement.where(Approval.id.in_(asked))
    if after:
        due_at, approval_id = read_cursor(after, 2)
        try:
            place = (datetime.fromisoformat(due_at), UUID(approval_id))
        except ValueError as error:
            raise BadCursor(after) from error
        statement = statement.where(tuple_(Approval.due_at, Approval.id) > place)
    rows = (await session.execute(statement.order_by(Approval.due_at, Approval.id).limit(limit + 1))).all()
    items = [_item(approval, case, name) for approval, case, name in rows]
    last = items[limit - 1] if len(items) > limit else None
    return Page(items[:limit], cursor(last.due_at.isoformat(), last.id) if last else None)


def _item(approval: Approval, case: Case, requester: str) -> InboxItem:
    own = {"id", "step", "label", "question", "state", "due_at", "asked_at", "decided_at"}
    about = {"reference", "process", "title", "amount", "currency", "version"}
    return InboxItem(**approval.model_dump(include=own), **case.model_dump(include=about), requester=requester)
