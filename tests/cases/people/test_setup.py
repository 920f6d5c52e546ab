"""The first start without the demo: one tenant, one administrator with every right, and nothing of the demo beside."""

import asyncio
import json
from dataclasses import replace

import pytest
from sqlalchemy import func, select
from sqlmodel import SQLModel

from backend.cases.approvals.core.calendars import calendar_of
from backend.cases.core.access import may_operate, may_start
from backend.cases.core.actor import read_actor
from backend.cases.core.errors import InvalidInput
from backend.cases.people.new_person import NewPerson
from backend.cases.people.setup import NewTenant, SetupKeys, TenantExists, is_set_up, set_up
from backend.database.demo import RealPeople, seed
from backend.database.engine import Database
from backend.database.tables import AuditRow, Person, Tenant
from backend.processes import PROCESSES
from tests.support.web import SECRET
from tests.support.without_demo import ADMIN, ORGANIZATION, PASSWORD, with_admin


async def count(database: Database, table: type[SQLModel]) -> int:
    """The rows of a table."""
    async with database.across_tenants() as session:
        return (await session.scalars(select(func.count()).select_from(table))).one()


async def test_the_first_administrator_has_every_right(own_database: Database) -> None:
    assert not await is_set_up(own_database)
    await with_admin(own_database)
    assert await is_set_up(own_database)
    async with own_database.transaction("default") as session:
        ida = await read_actor(session, "ida")
        calendar = await calendar_of(session, "default")
        recorded = [json.loads(body) for body in await session.scalars(select(AuditRow.body).order_by(AuditRow.seq))]
    assert ida is not None
    assert (ida.tenant_name, ida.time_zone, ida.is_admin) == ("Harbour Works", "Europe/Berlin", True)
    assert all(may_start(ida, process) and may_operate(ida, process) for process in PROCESSES)
    assert len(calendar.hours) == 5
    assert [fact["action"] for fact in recorded] == ["tenant.add", "person.add"]


async def test_every_problem_is_named_at_its_field_and_nothing_is_written(own_database: Database) -> None:
    tenant = NewTenant("Not a key", " ", "Europe/Vienne", "fr")
    admin = NewPerson("two words", "default", "", "ida@")
    with pytest.raises(InvalidInput) as refused:
        await set_up(own_database, tenant, admin, "short", by="a test")
    expected = {"tenant", "organization", "time_zone", "language", "id", "name", "email", "password"}
    assert refused.value.problems.keys() == expected
    assert await count(own_database, Tenant) == 0


@pytest.mark.parametrize(
    ("typed", "zone"),
    [("Europe/Berlin", "Europe/Berlin"), ("berlin", "Europe/Berlin"), ("new york", "America/New_York"), ("x", "")],
)
def test_a_time_zone_is_found_by_its_city(typed: str, zone: str) -> None:
    assert replace(ORGANIZATION, time_zone=typed).zone == zone


async def test_of_two_at_once_one_sets_it_up(own_database: Database) -> None:
    others = (replace(ADMIN, id=f"ida{number}") for number in range(5))
    results = await asyncio.gather(
        *(set_up(own_database, ORGANIZATION, each, PASSWORD, by="a test") for each in others), return_exceptions=True
    )
    assert sorted(type(each).__name__ for each in results) == ["Person", *["TenantExists"] * 4]
    assert await count(own_database, Person) == 1


async def test_a_second_tenant_does_not_take_the_username_of_somebody_else(own_database: Database) -> None:
    await with_admin(own_database)
    with pytest.raises(TenantExists):
        await with_admin(own_database)
    with pytest.raises(InvalidInput) as refused:
        await set_up(own_database, replace(ORGANIZATION, id="second"), ADMIN, PASSWORD, by="a test")
    assert refused.value.problems.keys() == {"id"}
    assert await count(own_database, Tenant) == 1


async def test_the_demo_is_refused_where_there_are_real_people(own_database: Database) -> None:
    await with_admin(own_database)
    with pytest.raises(RealPeople):
        await seed(own_database, "a password of the demo")
    assert await count(own_database, Person) == 1


def test_a_key_of_the_setup_page_is_signed_by_this_installation() -> None:
    keys = SetupKeys([SECRET])
    assert keys.is_valid(keys.new())
    assert not keys.is_valid(SetupKeys([SECRET[::-1]]).new())
    assert not keys.is_valid("")
