"""A whole page of a list: its rows, the counters, and the options of its filter."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.core.access import Processes
from backend.cases.core.actor import Actor
from backend.cases.inbox.filter_options import FilterOptions, filter_options
from backend.cases.inbox.filters import InboxFilter, Tab
from backend.cases.inbox.lists import InboxItem, counted_inbox, inbox, to_decide_count, waiting_count
from backend.cases.inbox.saved_filters import groups_of, saved_filters
from backend.database.pages import Page
from backend.database.tables import SavedFilter

COUNTED = (Tab.MINE, Tab.GROUPS, Tab.UNCLAIMED)


@dataclass(frozen=True)
class InboxPage:
    """Rows, counters, how many rows fit the filter, its options, and the saved filters.

    `to_decide` of those that fit wait for my decision, and not only for my advice.
    """

    rows: Page[InboxItem]
    counts: Mapping[Tab, int]
    fitting: int
    to_decide: int
    choices: FilterOptions
    kept: list[SavedFilter]
    groups: Mapping[str, str]


async def inbox_page(
    session: AsyncSession, actor: Actor, only: InboxFilter, after: str, processes: Processes
) -> InboxPage:
    """Read the whole page; nothing is counted twice."""
    counts = {each: await waiting_count(session, actor, InboxFilter(tab=each)) for each in COUNTED}
    whole = only.tab in counts and not only.narrows
    if after or whole:
        rows = await inbox(session, actor, only, after, processes=processes)
        fitting = counts[only.tab] if whole else await waiting_count(session, actor, only, processes=processes)
    else:
        rows, fitting = await counted_inbox(session, actor, only, processes=processes)
    return InboxPage(
        rows=rows,
        counts=counts,
        fitting=fitting,
        to_decide=await to_decide_count(session, actor, only, fitting),
        choices=await filter_options(session, actor, only, processes),
        kept=await saved_filters(session, actor),
        groups=await groups_of(session, actor),
    )
