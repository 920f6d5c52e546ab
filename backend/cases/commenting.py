"""Comments on a case, seen by everyone who sees the case."""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.access import Processes, case_of
from backend.cases.actor import Actor
from backend.cases.approvals.deciding import MAX_COMMENT
from backend.cases.errors import CommentNeeded, CommentTooLong, TooManyComments
from backend.database.engine import Database
from backend.database.tables import Comment

MAX_COMMENTS = 500


async def comment(database: Database, processes: Processes, reference: str, text: str, *, by: Actor) -> Comment:
    """Add a remark of 1 to 4,000 characters; a case holds 500."""
    words = text.strip()
    if not words:
        raise CommentNeeded("Write something first.")
    if len(words) > MAX_COMMENT:
        raise CommentTooLong
    async with database.transaction(by.tenant) as session:
        case = await case_of(session, by, reference, processes)
        count = select(func.count()).select_from(Comment).where(Comment.case_id == case.id)
        if (await session.scalar(count) or 0) >= MAX_COMMENTS:
            raise TooManyComments
        row = Comment(tenant_id=case.tenant_id, case_id=case.id, person_id=by.person_id, text=words)
        session.add(row)
        await session.flush()
        await session.refresh(row)
        return row


async def comments_of(session: AsyncSession, case_id: UUID) -> list[Comment]:
    """The remarks on a case, oldest first."""
    return list(await session.scalars(select(Comment).where(Comment.case_id == case_id).order_by(Comment.at)))
