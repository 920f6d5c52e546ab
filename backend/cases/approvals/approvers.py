"""Those who said yes hear what came of it."""

from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import select

from backend.cases.telling.tell import Event, tell_people
from backend.database.engine import Database
from backend.database.tables import Approval, Case, Vote
from backend.kit.approval import Choice


class Result(BaseModel):
    """What came of a case, in a sentence."""

    tenant: str
    case_id: UUID
    sentence: str


async def tell_approvers(database: Database, result: Result) -> int:
    """Tell each of them once; how many were told now."""
    async with database.transaction(result.tenant) as session:
        case = await session.get_one(Case, result.case_id)
        of_case = select(Approval.id).where(Approval.case_id == case.id)
        yes = select(Vote.person_id).where(Vote.approval_id.in_(of_case), Vote.decision == Choice.APPROVE)
        to = set(await session.scalars(yes))
        told = await tell_people(session, case, Event.ENDED, to, key=f"result:{case.id}", note=result.sentence)
    return len(told)
