"""What the rows of a case say that its workflow does not know yet: only they count, a signal is a hint to read them."""

from collections.abc import Sequence
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.approvals.core.candidates import decisions_of
from backend.cases.approvals.core.close import verdict_of
from backend.cases.lifecycle.case_actions import taken_actions
from backend.database.engine import Database
from backend.database.tables import Approval, Case, CaseVersion
from backend.kit.action import ActionTaken
from backend.kit.approval import ApprovalState, Verdict
from backend.kit.case import Amended, Recall


class KnownRows(BaseModel):
    """What a workflow knows: the round and its decided steps, the version of the form, and its open offers."""

    tenant: str
    case_id: UUID
    withdrawn: bool = False
    offers: tuple[int, ...] = ()
    round: int = 0
    decided: tuple[str, ...] = ()
    version: int = 0


class CaseRows(BaseModel):
    """What is new: `corrected` within an approval of this round, `amended` after changes were requested in it."""

    verdicts: list[Verdict] = []
    corrected: Amended | None = None
    amended: Amended | None = None
    withdrawn: Recall | None = None
    actions: list[ActionTaken] = []


async def read_case(database: Database, known: KnownRows) -> CaseRows:
    """What is new; nothing for a case that does not exist."""
    async with database.transaction(known.tenant) as session:
        mine = and_(Approval.case_id == Case.id, Approval.round == known.round)
        statement = select(Case, Approval).outerjoin(Approval, mine).where(Case.id == known.case_id)
        # One statement, so that the version of the form and the verdicts are of the same moment.
        rows = (await session.execute(statement.order_by(Approval.asked_at))).all()
        if not rows:
            return CaseRows()
        case, approvals = rows[0][0], [approval for _, approval in rows if approval is not None]
        return CaseRows(
            verdicts=await _verdicts(session, approvals, known),
            corrected=await _corrected(session, case, approvals, known),
            amended=await _amended(session, case, approvals),
            withdrawn=_withdrawn(case, known),
            actions=await taken_actions(session, case, known.offers) if known.offers else [],
        )


async def _verdicts(session: AsyncSession, approvals: Sequence[Approval], known: KnownRows) -> list[Verdict]:
    """Verdicts that nobody can retract any more."""
    closed = [each for each in approvals if each.state != ApprovalState.OPEN and each.step not in known.decided]
    if any(each.undo_until is not None for each in closed):
        settled = or_(Approval.undo_until.is_(None), Approval.undo_until <= func.clock_timestamp())
        found = set(await session.scalars(select(Approval.id).where(Approval.id.in_([e.id for e in closed]), settled)))
        closed = [each for each in closed if each.id in found]
    return [await verdict_of(session, each, await decisions_of(session, each.id)) for each in closed]


async def _corrected(
    session: AsyncSession, case: Case, approvals: Sequence[Approval], known: KnownRows
) -> Amended | None:
    version = max((each.version for each in approvals), default=0)
    return await _version(session, case, version) if version > known.version else None


async def _amended(session: AsyncSession, case: Case, approvals: Sequence[Approval]) -> Amended | None:
    version = max((each.version for each in approvals), default=0)
    sent_back = any(each.state == ApprovalState.SENT_BACK for each in approvals)
    return await _version(session, case, case.version) if sent_back and case.version > version else None


async def _version(session: AsyncSession, case: Case, version: int) -> Amended:
    row = await session.get_one(CaseVersion, (case.id, version))
    return Amended(version=version, edited_by=row.edited_by, input=row.input)


def _withdrawn(case: Case, known: KnownRows) -> Recall | None:
    if known.withdrawn or case.recall_requested_at is None or case.recall_requested_by is None:
        return None
    return Recall(by=case.recall_requested_by, at=case.recall_requested_at)
