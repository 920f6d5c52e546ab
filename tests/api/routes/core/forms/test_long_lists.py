"""Long lists are searched by name, and text fields suggest what was typed in earlier requests."""

from collections.abc import AsyncIterator
from decimal import Decimal
from uuid import uuid4

import httpx2
import pytest
from sqlalchemy import delete

from backend.database.engine import Database
from backend.database.tables import Budget, Membership
from tests.api.routes.core.forms.test_forms import START, beside, filled, my_cases
from tests.support.html import page_of
from tests.support.purchases import purchase
from tests.support.web import Visitor


@pytest.fixture
async def branches(database: Database) -> AsyncIterator[None]:
    """Twenty cost centres more."""
    names = {f"7{number:03}": f"Branch {chr(65 + number)}" for number in range(20)}
    async with database.across_tenants() as session:
        for number, name in names.items():
            session.add(
                Budget(tenant_id="default", cost_centre=number, name=name, amount=Decimal(100), reserved=Decimal(0))
            )
    yield
    async with database.across_tenants() as session:
        await session.execute(delete(Budget).where(Budget.cost_centre.in_(names)))


@pytest.fixture
async def zoe_buys(database: Database) -> AsyncIterator[None]:
    """Zoe of the other tenant may start purchases and see all of them."""
    groups = ("employees", "finance")
    async with database.across_tenants() as session:
        session.add_all(Membership(tenant_id="acme", group_id=group, person_id="zoe") for group in groups)
    yield
    async with database.across_tenants() as session:
        mine = (Membership.person_id == "zoe", Membership.group_id.in_(groups))
        await session.execute(delete(Membership).where(*mine))


async def open_case(client: httpx2.AsyncClient, **changes: str) -> None:
    place = "/api/v1/processes/purchase_approval/cases"
    answer = await client.post(place, json=purchase(**changes), headers={"idempotency-key": str(uuid4())})
    assert answer.status_code == 202, answer.text


async def suggested_to(client: httpx2.AsyncClient) -> list[str]:
    page = page_of(await client.get(START))
    return [option["value"] for option in page.all("#f-vendor-known option")]


async def test_a_vendor_of_earlier_requests_is_suggested_to_who_may_see_them(
    browser_of: Visitor, program_of: Visitor
) -> None:
    program = await program_of("ann")
    for vendor in ("Nordwerk Möbel GmbH", "acme lamps", "Nordwerk Möbel GmbH"):
        await open_case(program, vendor=vendor)
    assert await suggested_to(await browser_of("ann")) == ["acme lamps", "Nordwerk Möbel GmbH"]
    assert await suggested_to(await browser_of("finn")) == ["acme lamps", "Nordwerk Möbel GmbH"]
    assert await suggested_to(await browser_of("mona")) == []


@pytest.mark.usefixtures("zoe_buys")
async def test_no_tenant_learns_the_vendors_of_another(browser_of: Visitor, program_of: Visitor) -> None:
    await open_case(await program_of("ann"), vendor="Nordwerk Möbel GmbH")
    await open_case(await program_of("zoe"), vendor="Acme's own")
    assert await suggested_to(await browser_of("zoe")) == ["Acme's own"]
    assert await suggested_to(await browser_of("finn")) == ["Nordwerk Möbel GmbH"]


@pytest.mark.usefixtures("branches")
@pytest.mark.parametrize("typed", ["7003", "branch d", "7003 Branch D, EUR 100.00 left", "h D,"])
async def test_a_cost_centre_of_many_is_found_by_its_name(browser_of: Visitor, typed: str) -> None:
    ann = await browser_of("ann")
    page = page_of(await ann.get(START))
    field = page.one("[name=cost_centre]")
    assert (field.tag, field["list"]) == ("input", "list-cost_centres")
    assert "7003 Branch D, EUR 100.00 left" in page.one("#list-cost_centres").text
    answer = await ann.post(START, data=await filled(ann, cost_centre=typed))
    assert answer.status_code == 303
    (reference,) = await my_cases(ann)
    case = (await ann.get(f"/api/v1/cases/{reference}")).json()
    assert case["input"]["cost_centre"] == "7003"


@pytest.mark.usefixtures("branches")
async def test_a_name_that_means_several_or_none_is_an_error_and_stays_as_typed(browser_of: Visitor) -> None:
    ann = await browser_of("ann")
    for typed in ("Branch", "Moon"):
        answer = await ann.post(START, data=await filled(ann, cost_centre=typed))
        assert answer.status_code == 422
        page = page_of(answer)
        assert "Choose “Cost centre” from the list" in beside(page, "cost_centre")
        assert page.one("[name=cost_centre]").held == typed
    picked = page_of(await ann.post(START, data=await filled(ann, cost_centre="Branch B", title="")))
    assert picked.one("[name=cost_centre]").held == "7001"
    assert "7001 Branch B, EUR 100.00 left" in picked.one(".cs-fields div:has([name=cost_centre])").text


async def test_a_short_list_stays_a_menu(browser_of: Visitor) -> None:
    ann = await browser_of("ann")
    assert page_of(await ann.get(START)).one("[name=cost_centre]").tag == "select"
