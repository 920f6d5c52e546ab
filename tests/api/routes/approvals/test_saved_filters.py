"""Saved filters, private or shared with a group; only the owner can change one."""

import httpx2

from backend.cases.inbox.filters import InboxFilter
from backend.cases.inbox.saved_filters import MOST, save_filter, saved_filters
from backend.database.engine import Database
from tests.support.cast import person
from tests.support.html import page_of, said_in, source_of
from tests.support.web import Visitor


def links_called(words: str, page: httpx2.Response) -> list[str]:
    """The targets of the links with this text."""
    return [link["href"] for link in page_of(page).all("a") if link.text == words]


def own(page: httpx2.Response) -> str:
    """The address of the only filter that can be changed on this page."""
    return page_of(page).one('form[action^="/approvals/filters/"][action$="/name"]')["action"].removesuffix("/name")


async def test_kept_used_renamed_and_deleted(database: Database, browser_of: Visitor) -> None:
    finn = await browser_of("finn")
    kept = await finn.post("/approvals/filters?f.vendor=Nord&sort=-amount&list=groups", data={"name": " Nord,  dear "})
    assert kept.headers["location"] == "/approvals?list=groups&f.vendor=Nord&sort=-amount"
    link = "/approvals?list=groups&f.vendor=Nord&sort=-amount"
    assert links_called("Nord, dear", await finn.get("/approvals")) == [link]
    await finn.post("/approvals/filters?due=overdue", data={"name": "Nord, dear"})
    page = await finn.get("/approvals/filters")
    assert link not in page_of(page).links
    where = own(page)
    await finn.post("/approvals/filters?due=today", data={"name": "Other"})
    taken = await finn.post(f"{where}/name", data={"name": "Other"})
    assert taken.status_code == 409
    await finn.post(f"{where}/name", data={"name": "Late"})
    assert links_called("Late", await finn.get("/approvals/filters")) == ["/approvals?due=overdue"]
    await finn.post(f"{where}/deletion")
    assert "Late" not in source_of(await finn.get("/approvals/filters"))


async def test_fifty_are_kept_and_each_of_them_can_still_be_replaced(database: Database, browser_of: Visitor) -> None:
    finn, me = await browser_of("finn"), await person(database, "finn")
    async with database.transaction("default") as session:
        for number in range(MOST):
            await save_filter(session, me, f"Filter {number}", InboxFilter())
    replaced = await finn.post("/approvals/filters?due=overdue", data={"name": "Filter 7"})
    assert replaced.status_code == 303
    more = await finn.post("/approvals/filters?due=overdue", data={"name": "One more"})
    assert (more.status_code, "You already have 50 saved filters" in said_in(more)) == (422, True)
    async with database.transaction("default") as session:
        kept = {each.name: each.query for each in await saved_filters(session, me)}
    assert (len(kept), kept["Filter 7"]) == (MOST, InboxFilter(due="overdue").query())


async def test_shared_with_a_group_and_changed_by_its_keeper_alone(database: Database, browser_of: Visitor) -> None:
    finn, fay, mona = await browser_of("finn"), await browser_of("fay"), await browser_of("mona")
    await finn.post("/approvals/filters?due=overdue", data={"name": "Late in finance", "group": "finance"})
    where = own(await finn.get("/approvals/filters"))
    assert "Late in finance" in said_in(await fay.get("/approvals"))
    assert "Late in finance" not in source_of(await mona.get("/approvals"))
    assert where not in source_of(await fay.get("/approvals/filters"))
    for path in ("name", "deletion"):
        answer = await fay.post(f"{where}/{path}", data={"name": "Mine now"})
        assert answer.status_code == 404
    foreign = await mona.post("/approvals/filters?due=overdue", data={"name": "x", "group": "finance"})
    assert foreign.status_code == 404


async def test_a_filter_needs_a_name(browser_of: Visitor) -> None:
    finn = await browser_of("finn")
    for name in ("", "  ", "x" * 61):
        assert (await finn.post("/approvals/filters?due=overdue", data={"name": name})).status_code == 422
