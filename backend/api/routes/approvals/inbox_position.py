"""The position of an approval in the list that a person came from; the list is part of the address."""

from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.core.access import Processes
from backend.cases.core.actor import Actor
from backend.cases.inbox.filters import InboxFilter, Tab, filter_of
from backend.cases.inbox.lists import InboxItem, inbox, neighbours, place_of
from backend.database.tables import Approval

LISTED = 50


def filter_in(request: Request) -> InboxFilter:
    """The list that the address names."""
    return filter_of(request.query_params.multi_items())


def within_list(request: Request, path: str, after: str) -> str:
    """This path with the filter and the page of the list that the request came from."""
    query = "&".join(filter(None, [filter_in(request).query(), urlencode({"after": after}) if after else ""]))
    return f"{path}?{query}" if query else path


@dataclass(frozen=True)
class InboxPosition:
    """The list of an approval; `number` is its place there, None if it is not on the first page."""

    only: InboxFilter
    items: list[InboxItem]
    number: int | None
    previous: InboxItem | None
    following: InboxItem | None
    more: bool = False

    @property
    def query(self) -> str:
        """For addresses within this list, with the question mark."""
        query = self.only.query()
        return f"?{query}" if query else ""


async def position_in(
    session: AsyncSession, person: Actor, only: InboxFilter, approval: Approval, processes: Processes
) -> InboxPosition:
    """The neighbours of an approval; if it is no longer in the list, the first of the list follows."""
    page = await inbox(session, person, only, limit=LISTED, processes=processes)
    items = list(page.items)
    number = next((index for index, item in enumerate(items) if item.id == approval.id), None)
    if only.tab is Tab.DONE:
        return InboxPosition(only, items, number, *_around(items, number), more=page.next is not None)
    previous, following = await neighbours(session, person, only, place_of(approval, only), processes)
    return InboxPosition(
        only, items, number, previous, following or _first(items, approval.id), more=page.next is not None
    )


def _around(items: list[InboxItem], number: int | None) -> tuple[InboxItem | None, InboxItem | None]:
    if number is None:
        return None, None
    return (items[number - 1] if number else None), (items[number + 1] if number + 1 < len(items) else None)


def _first(items: list[InboxItem], current: UUID) -> InboxItem | None:
    """The first other approval: after the last one, the list starts again."""
    return next((item for item in items if item.id != current), None)
