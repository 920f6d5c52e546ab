"""An installation without the demo, from the setup page to a purchase that was ordered, in the browser alone."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.looking import open_until, violations
from tests.support.running import PASSWORD, Running, running_in

CENTRES = "cost_centre,name,amount\n4200,Logistics,50000.00\n3100,Workshop,30000\n"
TITLE = "Lamps for the quay"
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def without_demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Countersign as `up --no-demo` starts it."""
    with running_in(tmp_path_factory.mktemp("first"), demo=False) as running:
        yield running


def fill(page: Page, **fields: str) -> None:
    """Type into fields, by their labels."""
    for label, value in fields.items():
        page.get_by_label(label.replace("_", " "), exact=True).fill(value)


def invited(page: Page, name: str, manager: str = "", *groups: str) -> str:
    """Invite this person; the link that the administrator passes on."""
    page.goto("/people")
    page.get_by_role("link", name="Invite a person").click()
    first = name.split(maxsplit=1)[0].lower()
    fill(page, Full_name=name, Email_address=f"{first}@harbour.example", Username=first)
    for group in groups:
        page.get_by_label(group, exact=True).check()
    if manager:
        page.get_by_label("Manager", exact=True).select_option(label=manager)
    page.get_by_role("button", name="Invite").click()
    link = page.get_by_label("One-time link").input_value().strip()
    assert violations(page) == []
    return link


def set_password(page: Page, link: str) -> None:
    """Use the link."""
    page.goto(link)
    fill(page, New_password=PASSWORD)
    page.get_by_role("button", name="Save and sign in").click()
    page.wait_for_url("**/")


def test_from_the_setup_page_to_an_order(without_demo: Running, browser: Browser) -> None:
    address = without_demo.address
    administrator, requester, manager = (
        browser.new_context(base_url=address, locale="en-GB").new_page(),
        browser.new_context(base_url=address, locale="en-GB", java_script_enabled=False, viewport=PHONE).new_page(),
        browser.new_context(base_url=address, locale="en-GB").new_page(),
    )
    setup = re.search(rf"{address}/setup\?key=\S+", without_demo.log.read_text())
    assert setup is not None
    administrator.goto(setup[0])
    assert violations(administrator) == []
    fill(administrator, Name="Harbour Works", Time_zone="Berlin", Full_name="Ida Falk", Username="ida")
    fill(administrator, Email_address="ida@harbour.example", Password=PASSWORD)
    administrator.get_by_role("button", name="Set up Countersign").click()
    expect(administrator.get_by_role("heading", name="1 person can sign in")).to_be_visible()

    for_nils = invited(administrator, "Nils Dahl", "", "Managers")
    for_mia = invited(administrator, "Mia Sand", "Nils Dahl")
    administrator.goto("/reference-data/cost-centres/import")
    fill(administrator, Or_paste_from_a_spreadsheet=CENTRES)
    administrator.get_by_role("button", name="Import").click()
    expect(administrator.get_by_role("cell", name="50,000.00")).to_be_visible()

    set_password(requester, for_mia)
    requester.goto("/processes/purchase_approval/start")
    soon = (datetime.now(UTC).date() + timedelta(days=20)).isoformat()
    fill(requester, Title=TITLE, Needed_by=soon, Vendor="Lampenhaus", Justification="It is dark.")
    requester.get_by_label("Cost centre", exact=True).select_option("4200")
    for field, value in (("description", "Lamp"), ("quantity", "2"), ("unit_price", "118.00")):
        requester.locator(f"#f-items-0-{field}").fill(value)
    requester.get_by_role("button", name="Submit for approval").click()
    requester.wait_for_url("**/cases/PUR-000001")

    set_password(manager, for_nils)
    open_until(manager, "/approvals", manager.get_by_role("link", name=TITLE))
    manager.get_by_role("link", name=TITLE).click()
    manager.get_by_role("button", name=re.compile("^Approve")).click()
    open_until(requester, "/cases", requester.get_by_text("Ordered"))
    expect(requester.get_by_role("link", name=TITLE)).to_be_visible()
    for page in (administrator, requester, manager):
        page.context.close()
