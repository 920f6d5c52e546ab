"""Those who said yes hear what came of it."""

from collections.abc import Collection
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.notifications.notify import notify
from backend.database.engine import Database
from backend.database.tables import Approval, Case, Vote
from backend.kit.approval import DecisionKind
from backend.kit.notification import NotificationEvent


class Result(BaseModel):
    """What came of a case, in a sentence."""

    tenant: str
    case_id: UUID
    sentence: str


async def who_approved(session: AsyncSession, case_ids: Collection[UUID]) -> dict[UUID, set[str]]:
    """Who said yes at some level of each of these cases."""
    if not case_ids:
        return {}
    yes = select(Approval.case_id, Vote.person_id).join(Vote, Vote.approval_id == Approval.id)
    found: dict[UUID, set[str]] = {}
    for case_id, person in await session.execute(
        yes.where(Approval.case_id.in_(case_ids), Vote.decision == DecisionKind.APPROVE)
    ):
        found.setdefault(case_id, set()).add(person)
    return found


async def notify_approvers(database: Database, result: Result) -> int:
    """Tell each of them once; how many were told now."""
    async with database.transaction(result.tenant) as session:
        case = await session.get_one(Case, result.case_id)
        to = (await who_approved(session, [case.id])).get(case.id, set())
        told = await notify(session, case, NotificationEvent.ENDED, to, key=f"result:{case.id}", note=result.sentence)
    return len(told)
