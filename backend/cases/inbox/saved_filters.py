"""Saved filters, private or shared with a group."""

from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.core.actor import Actor
from backend.cases.core.errors import CaseError, NotFound
from backend.cases.inbox.filters import InboxFilter
from backend.database.tables import Group, SavedFilter
from backend.kit.i18n import N_
from backend.kit.text import single_line

MAX_NAME = 60
MOST = 50


class NoName(CaseError):
    """Enter a name of up to 60 characters."""

    status = 422
    code = "no_name"


class NameTaken(CaseError):
    """You already have a filter with this name. Nothing was changed."""

    code = "name_taken"


class TooManyFilters(CaseError):
    """You already have 50 saved filters. Delete one first."""

    status = 422
    code = "too_many_filters"


async def saved_filters(session: AsyncSession, actor: Actor) -> list[SavedFilter]:
    """My own and those shared with my groups, by name."""
    mine = or_(SavedFilter.person_id == actor.person_id, SavedFilter.group_id.in_(actor.groups))
    return list(await session.scalars(select(SavedFilter).where(mine).order_by(SavedFilter.name, SavedFilter.id)))


async def groups_of(session: AsyncSession, actor: Actor) -> dict[str, str]:
    """The groups to share with, by id and name."""
    statement = select(Group.id, Group.name).where(Group.tenant_id == actor.tenant, Group.id.in_(actor.groups))
    return dict((await session.execute(statement.order_by(Group.name))).all())


async def save_filter(session: AsyncSession, actor: Actor, name: str, only: InboxFilter, group: str = "") -> None:
    """Save this filter; one of the same name is replaced. It can be shared only with a group that the person is in."""
    if group and group not in actor.groups:
        raise NotFound(N_("This group does not exist, or you are not a member."))
    words = _name(name)
    others = select(func.count()).where(SavedFilter.person_id == actor.person_id, SavedFilter.name != words)
    if (await session.scalar(others) or 0) >= MOST:
        raise TooManyFilters
    kept = {"query": only.query(), "group_id": group or None}
    row = SavedFilter(tenant_id=actor.tenant, person_id=actor.person_id, name=words, **kept)
    same = [SavedFilter.tenant_id.key, SavedFilter.person_id.key, SavedFilter.name.key]
    values = row.model_dump(exclude={"at"})
    await session.execute(insert(SavedFilter).values(values).on_conflict_do_update(index_elements=same, set_=kept))


async def rename_filter(session: AsyncSession, actor: Actor, key: UUID, name: str) -> None:
    """Rename it."""
    row = await _own(session, actor, key)
    words = _name(name)
    taken = (SavedFilter.person_id == actor.person_id, SavedFilter.name == words, SavedFilter.id != key)
    if await session.scalar(select(SavedFilter.id).where(*taken)) is not None:
        raise NameTaken
    row.name = words


async def delete_filter(session: AsyncSession, actor: Actor, key: UUID) -> None:
    """Delete it, also for the people with whom it was shared."""
    await session.delete(await _own(session, actor, key))


async def _own(session: AsyncSession, actor: Actor, key: UUID) -> SavedFilter:
    row = await session.get(SavedFilter, key)
    if row is None or row.person_id != actor.person_id:
        raise NotFound(N_("This filter does not exist, or you cannot change it."))
    return row


def _name(words: str) -> str:
    name = single_line(" ".join(words.split()))
    if not name or len(name) > MAX_NAME:
        raise NoName
    return name
