"""Tell the people who approved a case how it ended."""

from collections.abc import Collection
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.notifications.notify import notify
from backend.database.engine import Database
from backend.database.tables import Approval, Case, RecordedDecision
from backend.kit.approval import DecisionKind
from backend.kit.notification import NotificationEvent


class Result(BaseModel):
    """How a case ended, in a sentence."""

    tenant: str
    case_id: UUID
    sentence: str


async def who_approved(session: AsyncSession, case_ids: Collection[UUID]) -> dict[UUID, set[str]]:
    """Who approved each of these cases, at any level."""
    if not case_ids:
        return {}
    statement = (
        select(Approval.case_id, RecordedDecision.person_id)
        .join(RecordedDecision, RecordedDecision.approval_id == Approval.id)
        .where(Approval.case_id.in_(case_ids), RecordedDecision.decision == DecisionKind.APPROVE)
    )
    found: dict[UUID, set[str]] = {}
    for case_id, person in await session.execute(statement):
        found.setdefault(case_id, set()).add(person)
    return found


async def notify_approvers(database: Database, result: Result) -> int:
    """Notify each of them once; how many were notified now."""
    async with database.transaction(result.tenant) as session:
        case = await session.get_one(Case, result.case_id)
        to = (await who_approved(session, [case.id])).get(case.id, set())
        notified = await notify(
            session, case, NotificationEvent.ENDED, to, key=f"result:{case.id}", note=result.sentence
        )
    return len(notified)
