"""The page to start a request: what one may start, unfinished drafts, and what was sent last."""

from dataclasses import replace

from fastapi import FastAPI

from backend.api.routes.processes.pages import AT_A_GLANCE, RECENT
from backend.database.engine import Database
from tests.api.routes.core.forms.test_drafts import SAVE, empty_form
from tests.support.approvals import a_case
from tests.support.html import page_of, source_of
from tests.support.purchases import purchase
from tests.support.web import Visitor

PAGE = "/processes"
TILES = ".cs-tile strong"


async def test_a_search_is_there_only_where_it_helps(app: FastAPI, browser_of: Visitor) -> None:
    ann = await browser_of("ann")
    few = page_of(await ann.get(PAGE)).one("main")
    assert 0 < len(few.all(TILES)) <= AT_A_GLANCE
    assert not few.has("#find")
    known = app.state.web.processes
    more = {f"more_{n}": replace(known["purchase_approval"], key=f"more_{n}") for n in range(AT_A_GLANCE)}
    app.state.web = replace(app.state.web, processes={**known, **more})
    many = page_of(await ann.get(PAGE)).one("main")
    assert many.has("form[role=search] #find")
    found = page_of(await ann.get(f"{PAGE}?q=ARTICLE")).one("main")
    assert len(found.all(TILES)) == 1
    assert found.one("#find").held == "ARTICLE"


async def test_drafts_and_the_last_requests_are_one_click_away(database: Database, browser_of: Visitor) -> None:
    ann = await browser_of("ann")
    nothing = source_of(await ann.get(PAGE))
    assert "Drafts" not in nothing
    assert "My recent requests" not in nothing
    saved = await ann.post(SAVE, data=await empty_form(ann) | {"title": "Lamps for the hall"})
    sent = [await a_case(database, purchase(title=f"Number {number}")) for number in range(RECENT + 1)]
    page = page_of(await ann.get(PAGE))
    drafts = page.one("section[aria-labelledby=h-drafts]")
    assert "Lamps for the hall" in drafts.text
    assert drafts.links == [page_of(saved).one("#saved")["data-address"]]
    recent = page.one("section[aria-labelledby=h-recent]")
    newest = sent[:0:-1]
    assert [link.text for link in recent.all(".cs-main-link")] == [case.title for case in newest]
    again = "/processes/purchase_approval/start?like="
    links = [(f"/cases/{each.reference}", f"{again}{each.reference}") for each in newest]
    assert recent.links == [link for pair in links for link in pair]
    others = source_of(await (await browser_of("finn")).get(PAGE))
    assert "Lamps for the hall" not in others
    assert "My recent requests" not in others
