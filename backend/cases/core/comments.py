"""Comments on a case, seen by everyone who sees the case."""

from uuid import UUID, uuid5

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.core.access import Processes, case_of
from backend.cases.core.actor import Actor
from backend.cases.core.errors import CommentNeeded, CommentTooLong, KeyReused, TooManyComments
from backend.database.engine import Database
from backend.database.ids import new_id
from backend.database.tables import Comment
from backend.kit.text import paragraphs

MAX_COMMENT = 4_000  # characters
MAX_COMMENTS = 500  # a case


async def comment(
    database: Database, processes: Processes, reference: str, text: str, *, by: Actor, key: str = ""
) -> Comment:
    """Add a remark of 1 to 4,000 characters; a case holds 500. With a key it is added once, however often it comes."""
    words = paragraphs(text)
    if not words:
        raise CommentNeeded("Write something first.")
    if len(words) > MAX_COMMENT:
        raise CommentTooLong
    async with database.transaction(by.tenant) as session:
        case = await case_of(session, by, reference, processes)
        if key and (said := await session.get(Comment, _id_of(case.id, by, key))):
            if said.text != words:
                raise KeyReused
            return said
        count = select(func.count()).select_from(Comment).where(Comment.case_id == case.id)
        if (await session.scalar(count) or 0) >= MAX_COMMENTS:
            raise TooManyComments
        own_id = _id_of(case.id, by, key) if key else new_id()
        row = {"id": own_id, "tenant_id": case.tenant_id, "case_id": case.id, "person_id": by.person_id, "text": words}
        await session.execute(insert(Comment).values(row).on_conflict_do_nothing())
        return await session.get_one(Comment, own_id)


def _id_of(case_id: UUID, by: Actor, key: str) -> UUID:
    return uuid5(case_id, f"{by.person_id} {key}")


async def comments_of(session: AsyncSession, case_id: UUID) -> list[Comment]:
    """The remarks on a case, oldest first."""
    return list(await session.scalars(select(Comment).where(Comment.case_id == case_id).order_by(Comment.at)))
