"""Search finds a case by any word that it shows, in any capitals and in both spellings of Unicode."""

import unicodedata

import pytest
from sqlalchemy import text

from backend.cases.inbox.filter_options import requester_of
from backend.cases.lifecycle.report import finish
from backend.cases.people.search import find_people
from backend.cases.tracking.case_list import CaseFilter, list_cases
from backend.database.engine import Database
from backend.database.tables import Case
from backend.kit.approval import DecisionKind
from backend.kit.case import CaseEnd
from backend.kit.text import folded
from backend.processes import by_key
from tests.support.approvals import a_case, answered, asked_about
from tests.support.cast import person
from tests.support.purchases import purchase

DECOMPOSED = unicodedata.normalize("NFD", "Möbel")


async def titles(database: Database, q: str) -> set[str]:
    """The titles that a search of the administrator finds."""
    root = await person(database, "root")
    async with database.transaction("default") as session:
        page = await list_cases(session, root, by_key(), CaseFilter(q=q))
    return {case.title for case in page.items}


@pytest.mark.parametrize("q", ["MÖBEL", "möbel", DECOMPOSED, DECOMPOSED.upper(), " möbel für ", "\u200bMöbel"])
async def test_capitals_and_spellings_do_not_count(database: Database, q: str) -> None:
    kept = {"Möbel für Zürich", f"{DECOMPOSED} für Genève"}
    for title in kept:
        await a_case(database, purchase(title=title))
    await a_case(database, purchase(title="Mobel", vendor="Halden"))
    assert {unicodedata.normalize("NFC", title) for title in await titles(database, q)} == {
        unicodedata.normalize("NFC", title) for title in kept
    }


@pytest.mark.parametrize(
    "q",
    ["Nordwerk", "werk mö", "4200", "12124", "12,124.00", "12124.00", "standing desk 160", "PUR-", "ann ber",
     "mona lind", "fay", "inspection"],
)  # fmt: skip
async def test_a_case_is_found_by_any_word_that_it_shows(database: Database, q: str) -> None:
    wanted, approval = await asked_about(
        database, purchase("12124.00", title="Tables"), who=("person:mona", "group:finance")
    )
    await answered(database, approval, "fay", DecisionKind.REJECT)
    other = purchase(
        "77.00", title="Other", vendor="Halden", cost_centre="1000", justification="None.",
        items=[{"description": "Lamp", "quantity": 1, "unit_price": "77.00"}],
    )  # fmt: skip
    await a_case(database, other, requester="edda")
    found = await titles(database, q)
    assert wanted.title in found
    assert ("Other" in found) == (q == "PUR-")


async def test_a_case_is_found_by_what_came_of_it(database: Database) -> None:
    ordered, other = await a_case(database, purchase(title="Screens")), await a_case(database, purchase(title="Other"))
    for case, number in ((ordered, "PO-000777"), (other, "PO-000778")):
        end = CaseEnd(outcome="ordered", sentence="Ordered.", facts={"Purchase order": number})
        async with database.transaction("default") as session:
            await finish(session, await session.get_one(Case, case.id), end, "completed")
    assert await titles(database, "po-000777") == {"Screens"}
    assert await titles(database, "Purchase order") == set()


@pytest.mark.parametrize("q", ["%", "_", "\\", "vendor", "no such word", '"'])
async def test_what_a_case_does_not_show_finds_nothing(database: Database, q: str) -> None:
    await a_case(database)
    assert await titles(database, q) == set()


async def test_quotation_marks_are_found_as_they_were_typed(database: Database) -> None:
    items = [{"description": 'Monitor 27,5" \\ flat', "quantity": 1, "unit_price": "77.00"}]
    await a_case(database, purchase(title="Screens", items=items))
    assert await titles(database, '27,5"') == {"Screens"}


async def test_people_are_found_by_a_part_of_their_name_in_any_capitals(database: Database) -> None:
    async with database.across_tenants() as session:
        await session.execute(text("UPDATE people SET name = 'Özgür Ünal' WHERE id = 'eve'"))
    try:
        async with database.transaction("default") as session:
            for q in ("özgür", "ÜNAL", unicodedata.normalize("NFD", "özgür ün")):
                assert [each.id for each in await find_people(session, q)] == ["eve"]
            assert await requester_of(session, "ÖZGÜR ünal") == "eve"
    finally:
        async with database.across_tenants() as session:
            await session.execute(text("UPDATE people SET name = 'Eve Stone' WHERE id = 'eve'"))


async def test_the_database_folds_as_python_does(database: Database) -> None:
    words = ["MÖBEL", DECOMPOSED, "STRASSE", "straße", "ΣΊΣΥΦΟΣ", "İstanbul", "ÄNNE@example.com", "日本"]
    async with database.transaction("default") as session:
        for each in words:
            assert await session.scalar(text("SELECT folded(:words)"), {"words": each}) == folded(each)
