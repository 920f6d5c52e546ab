"""Reference data: changed one entry at a time, or many at once, and always recorded."""

import asyncio
import json
from decimal import Decimal

import pytest
from sqlalchemy import select, update

from backend.cases.core.actor import Actor
from backend.cases.core.errors import InvalidInput, NotFound
from backend.cases.reference_data.changes import (
    Imported,
    RowChanged,
    import_rows,
    read_row,
    read_rows,
    remove_row,
    save_row,
)
from backend.cases.reference_data.lists import LISTS, CostCentre, Product, Rating
from backend.database.engine import Database
from backend.database.tables import AuditRow, Budget, StockItem
from tests.support.without_demo import with_admin

CENTRES = LISTS["cost-centres"]
IDA = Actor(person_id="ida", name="Ida Falk", tenant="default")


def centre(number: str = "4200", amount: str = "500.00", name: str = "Logistics") -> CostCentre:
    """A cost centre."""
    return CostCentre(cost_centre=number, name=name, amount=Decimal(amount))


async def version(database: Database, key: str = "4200") -> str:
    """The version of an entry."""
    async with database.transaction("default") as session:
        return (await read_row(session, CENTRES, "default", key)).version


async def keys(database: Database, q: str = "") -> list[str]:
    """The entries that are found."""
    async with database.transaction("default") as session:
        return [row.key for row in (await read_rows(session, CENTRES, q))[0]]


async def reserve(database: Database, amount: str) -> None:
    """As a purchase does."""
    async with database.transaction("default") as session:
        await session.execute(update(Budget).values(reserved=Decimal(amount)))


async def test_an_entry_is_added_changed_removed_and_each_time_recorded(own_database: Database) -> None:
    await with_admin(own_database)
    await save_row(own_database, CENTRES, centre(), by=IDA)
    was = await version(own_database)
    await save_row(own_database, CENTRES, centre(amount="800.00"), by=IDA, key="4200", version=was)
    await remove_row(own_database, CENTRES, "4200", by=IDA)
    assert await keys(own_database) == []
    async with own_database.transaction("default") as session:
        facts = [json.loads(body) for body in await session.scalars(select(AuditRow.body).order_by(AuditRow.seq))]
    changes = [fact for fact in facts if fact["action"] == "reference_data.change"]
    amounts = [((each["before"] or {}).get("amount"), (each["after"] or {}).get("amount")) for each in changes]
    assert amounts == [(None, "500.00"), ("500.00", "800.00"), ("800.00", None)]
    assert {each["subject"] for each in changes} == {"cost-centres/4200"}


async def test_two_people_do_not_overwrite_each_other(own_database: Database) -> None:
    await with_admin(own_database)
    await save_row(own_database, CENTRES, centre(), by=IDA)
    was = await version(own_database)
    results = await asyncio.gather(
        *(
            save_row(own_database, CENTRES, centre(amount=f"{number}.00"), by=IDA, key="4200", version=was)
            for number in (600, 700, 800)
        ),
        return_exceptions=True,
    )
    assert [type(each) for each in results].count(RowChanged) == 2
    assert [each for each in results if each is None] == [None]


async def test_what_is_reserved_stays_covered(own_database: Database) -> None:
    await with_admin(own_database)
    await save_row(own_database, CENTRES, centre(), by=IDA)
    await reserve(own_database, "300")
    was = await version(own_database)
    with pytest.raises(InvalidInput) as refused:
        await save_row(own_database, CENTRES, centre(amount="299.99"), by=IDA, key="4200", version=was)
    assert refused.value.problems.keys() == {"amount"}
    with pytest.raises(InvalidInput):
        await remove_row(own_database, CENTRES, "4200", by=IDA)
    with pytest.raises(InvalidInput):
        await import_rows(own_database, CENTRES, [centre("9000"), centre(amount="1.00")], by=IDA)
    assert await keys(own_database) == ["4200"]
    await save_row(own_database, CENTRES, centre(amount="300.00"), by=IDA, key="4200", version=was)


async def test_an_import_that_would_break_what_a_constraint_guards_is_refused_by_line(own_database: Database) -> None:
    await with_admin(own_database)
    stock = LISTS["stock"]
    await import_rows(own_database, stock, [Product(sku="LAMP", name="Lamp", quantity=5)], by=IDA)
    async with own_database.transaction("default") as session:
        await session.execute(update(StockItem).values(reserved=3))
    fewer = [Product(sku="DESK", name="Desk", quantity=1), Product(sku="LAMP", name="Lamp", quantity=2)]
    with pytest.raises(InvalidInput) as refused:
        await import_rows(own_database, stock, fewer, by=IDA)
    assert refused.value.problems.keys() == {"1.quantity"}
    async with own_database.transaction("default") as session:
        assert [(row.key, row.cells["quantity"]) for row in (await read_rows(session, stock))[0]] == [("LAMP", 5)]


async def test_of_several_who_add_the_same_entry_one_does(own_database: Database) -> None:
    await with_admin(own_database)
    added = (save_row(own_database, CENTRES, centre(name=f"Name {number}"), by=IDA) for number in range(6))
    results = await asyncio.gather(*added, return_exceptions=True)
    assert sorted(type(each).__name__ for each in results) == ["InvalidInput"] * 5 + ["NoneType"]


async def test_imports_at_the_same_time_neither_fail_nor_wait_for_each_other(own_database: Database) -> None:
    await with_admin(own_database)
    numbers = [str(number) for number in range(40)]
    orders = (numbers, numbers[::-1], sorted(numbers, key=lambda each: each[::-1]))
    done = await asyncio.gather(
        *(import_rows(own_database, CENTRES, [centre(each) for each in order], by=IDA) for order in orders)
    )
    assert sorted(each.added for each in done) == [0, 0, 40]
    assert sum(each.unchanged for each in done) == 80


async def test_an_import_adds_and_changes_and_says_what_it_did(own_database: Database) -> None:
    await with_admin(own_database)
    await save_row(own_database, CENTRES, centre(), by=IDA)
    await save_row(own_database, CENTRES, centre("3100"), by=IDA)
    done = await import_rows(own_database, CENTRES, [centre(), centre("3100", "9.00"), centre("1000")], by=IDA)
    assert done == Imported(added=1, changed=1, unchanged=1)
    assert await keys(own_database) == ["1000", "3100", "4200"]
    assert await keys(own_database, "310") == ["3100"]
    assert await keys(own_database, "%") == []


async def test_a_key_is_used_once_and_an_unknown_one_is_not_found(own_database: Database) -> None:
    await with_admin(own_database)
    await save_row(own_database, CENTRES, centre(), by=IDA)
    with pytest.raises(InvalidInput) as refused:
        await save_row(own_database, CENTRES, centre(name="Other"), by=IDA)
    assert refused.value.problems.keys() == {"cost_centre"}
    with pytest.raises(NotFound):
        await remove_row(own_database, CENTRES, "1", by=IDA)


async def test_a_customer_is_one_entry_however_it_is_written(own_database: Database) -> None:
    await with_admin(own_database)
    ratings = LISTS["credit-ratings"]
    await save_row(own_database, ratings, Rating(customer="Nordwerk  Möbel GmbH", score=80, credit=Decimal(5)), by=IDA)
    with pytest.raises(InvalidInput):
        await save_row(
            own_database, ratings, Rating(customer="NORDWERK MÖBEL GMBH", score=1, credit=Decimal(5)), by=IDA
        )
