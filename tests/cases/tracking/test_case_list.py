"""Lists of cases page through in both orders, and count what they hold within bounds."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from backend.cases.tracking import case_list
from backend.cases.tracking.case_list import CaseCount, CaseFilter, CaseOrder, count_cases, list_cases
from backend.database.engine import Database
from backend.database.pages import BadCursor
from backend.database.tables import Case
from backend.processes import by_key
from tests.support.approvals import a_case
from tests.support.cast import person
from tests.support.many_cases import copies
from tests.support.purchases import purchase

NEWEST, OLDEST = CaseFilter(mine=True), CaseFilter(mine=True, order=CaseOrder.OLDEST)


async def some(database: Database, count: int = 6) -> Case:
    """Cases by ann, the first the newest."""
    case = await a_case(database, purchase(title="Desks"))
    await copies(database, case, count)
    return case


async def counted(database: Database, only: CaseFilter, who: str = "ann") -> CaseCount:
    """How many this person is told that the list holds."""
    actor = await person(database, who)
    async with database.transaction("default") as session:
        return await count_cases(session, actor, by_key(), only)


@pytest.mark.parametrize("only", [NEWEST, OLDEST])
async def test_every_case_is_on_one_page_in_its_order(database: Database, only: CaseFilter) -> None:
    await some(database)
    async with database.across_tenants() as session:  # some at the same moment, where the id decides
        moment = datetime.now(UTC)
        await session.execute(update(Case).where(Case.title.in_(["Desks 2", "Desks 3"])).values(opened_at=moment))
    ann = await person(database, "ann")
    found: list[Case] = []
    after: str | None = ""
    while after is not None:
        async with database.transaction("default") as session:
            page = await list_cases(session, ann, by_key(), only, after, limit=2)
        found += page.items
        after = page.next
    places = [(case.opened_at, case.id) for case in found]
    assert len(places) == 7
    assert places == sorted(places, reverse=only is NEWEST)


async def test_a_place_in_one_order_is_none_in_the_other(database: Database) -> None:
    await some(database)
    ann = await person(database, "ann")
    async with database.transaction("default") as session:
        newest, oldest = [
            (await list_cases(session, ann, by_key(), only, limit=2)).next or "" for only in (NEWEST, OLDEST)
        ]
        for only, after in ((NEWEST, oldest), (OLDEST, newest), (NEWEST, "nonsense")):
            with pytest.raises(BadCursor):
                await list_cases(session, ann, by_key(), only, after)


async def test_what_a_filter_finds_is_counted_up_to_a_limit(database: Database) -> None:
    case = await some(database)
    assert await counted(database, NEWEST) == await counted(database, OLDEST) == CaseCount(7)
    assert await counted(database, CaseFilter(q="desks 3")) == CaseCount(1)
    assert await counted(database, CaseFilter(), "finn") == CaseCount(7)
    assert await counted(database, CaseFilter(), "eve") == CaseCount(0)
    await copies(database, await a_case(database, purchase(title="Lamps")), 1000 - 9)
    assert await counted(database, NEWEST) == CaseCount(999)
    await a_case(database)
    assert await counted(database, NEWEST) == CaseCount(999, more=True)
    assert case.title == "Desks"


async def test_where_each_case_has_to_be_looked_at_only_the_latest_are(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await some(database)
    monkeypatch.setattr(case_list, "COUNTED_AMONG", 3)
    assert await counted(database, CaseFilter(q="desks")) == CaseCount(4, more=True)
    assert await counted(database, CaseFilter(q="desks 5")) == CaseCount(0, more=True)
    assert await counted(database, NEWEST) == CaseCount(7)
