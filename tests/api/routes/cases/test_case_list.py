"""The list of cases: its columns, its order, and how many there are."""

import httpx2
from sqlalchemy import update

from backend.database.engine import Database
from backend.database.tables import Case
from tests.support.approvals import a_case, asked_about
from tests.support.html import Element, page_of
from tests.support.many_cases import copies
from tests.support.purchases import purchase
from tests.support.web import Visitor

SHOWN = 50


async def listed(client: httpx2.AsyncClient, where: str = "/cases") -> Element:
    """The panel with the list."""
    answer = await client.get(where)
    assert answer.status_code == 200, answer.text
    return page_of(answer).one("section[aria-label=Cases]")


def titles(panel: Element) -> list[str]:
    return [link.text for link in panel.all("tbody .cs-main-link")]


async def test_it_is_sorted_by_a_click_on_opened_and_pages_through_in_that_order(
    database: Database, browser_of: Visitor
) -> None:
    await copies(database, await a_case(database, purchase(title="Desks")), SHOWN)
    ann = await browser_of("ann")
    newest = await listed(ann, "/cases?show=all&status=queued")
    assert newest.one("th[aria-sort]").text == "Opened ↓"
    assert (titles(newest)[0], len(titles(newest))) == ("Desks", SHOWN)
    assert f"{SHOWN} of 51" in newest.one(".cs-pager").text
    oldest = await listed(ann, newest.one("th[aria-sort] a")["href"])
    assert (oldest.one("th[aria-sort]")["aria-sort"], oldest.one("th[aria-sort]").text) == ("ascending", "Opened ↑")
    assert titles(oldest)[:2] == ["Desks 50", "Desks 49"]
    assert oldest.one("form.cs-filter").fields == {
        "show": "all", "process": "", "status": "queued", "sort": "opened", "q": "",
    }  # fmt: skip
    last = await listed(ann, oldest.one("a[rel=next]")["href"])
    assert titles(last) == ["Desks"]
    assert "1 of 51" in last.one(".cs-pager").text
    assert titles(await listed(ann, last.one(".cs-pager a")["href"])) == titles(oldest)
    after = newest.one("a[rel=next]")["href"].partition("after=")[2]
    assert (await ann.get(f"/cases?sort=opened&after={after}")).status_code == 422
    assert (await ann.get("/cases?sort=amount")).status_code == 422


async def test_a_row_says_who_asked_whom_it_waits_for_until_when_and_what_needs_attention(
    database: Database, browser_of: Visitor
) -> None:
    case, asked = await asked_about(database, purchase(title="Lamps"), who=("person:finn",))
    quiet = await a_case(database, purchase(title="Chairs"))
    async with database.across_tenants() as session:
        await session.execute(update(Case).where(Case.id == case.id).values(attention="It is stuck."))
    panel = await listed(await browser_of("finn"), "/cases?show=all")
    heads = [head.text for head in panel.all("thead th")]
    assert heads == ["Request", "Status", "Waiting on", "Due", "Requested by", "Amount", "Opened ↓"]
    row, other = panel.one(f'[id="case-{case.id}"]'), panel.one(f'[id="case-{quiet.id}"]')
    link = row.one("a")
    assert (link.text, link["href"]) == ("Lamps", f"/cases/{case.reference}")
    assert row.one("td[data-label='Requested by']").text == "Ann Berger"
    assert row.one("td[data-label='Waiting on']").text == "Finn Aalto"
    assert asked.turn.until is not None
    assert row.one("td[data-label=Due] time")["datetime"].startswith(f"{asked.turn.until:%Y-%m-%dT%H:%M}")
    assert "Needs attention" in row.text
    assert [other.one(f"td[data-label='{name}']").text for name in ("Waiting on", "Due")] == ["none", "none"]
    assert "Needs attention" not in other.text
