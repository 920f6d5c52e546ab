"""Filters under a name: for oneself, or for a group; only whoever kept one changes it."""

import re

from backend.cases.inbox.filters import InboxFilter
from backend.cases.inbox.saved_filters import MOST, save_filter, saved_filters
from backend.database.engine import Database
from tests.support.cast import person
from tests.support.web import Visitor


async def test_kept_used_renamed_and_deleted(database: Database, browser_of: Visitor) -> None:
    finn = await browser_of("finn")
    kept = await finn.post("/approvals/filters?f.vendor=Nord&sort=-amount&list=groups", data={"name": " Nord,  dear "})
    assert kept.headers["location"] == "/approvals?list=groups&f.vendor=Nord&sort=-amount"
    link = 'href="/approvals?list=groups&amp;f.vendor=Nord&amp;sort=-amount"'
    assert re.search(re.escape(link) + r"[^>]*>Nord, dear", (await finn.get("/approvals")).text)
    await finn.post("/approvals/filters?due=overdue", data={"name": "Nord, dear"})
    page = (await finn.get("/approvals/filters")).text
    assert link not in page
    key = re.search(r"/approvals/filters/([0-9a-f-]+)/name", page)
    assert key
    await finn.post("/approvals/filters?due=today", data={"name": "Other"})
    taken = await finn.post(f"/approvals/filters/{key[1]}/name", data={"name": "Other"})
    assert taken.status_code == 409
    await finn.post(f"/approvals/filters/{key[1]}/name", data={"name": "Late"})
    assert ">Late</a>" in (await finn.get("/approvals/filters")).text
    await finn.post(f"/approvals/filters/{key[1]}/deletion")
    assert ">Late</a>" not in (await finn.get("/approvals/filters")).text


async def test_fifty_are_kept_and_each_of_them_can_still_be_replaced(database: Database, browser_of: Visitor) -> None:
    finn, me = await browser_of("finn"), await person(database, "finn")
    async with database.transaction("default") as session:
        for number in range(MOST):
            await save_filter(session, me, f"Filter {number}", InboxFilter())
    replaced = await finn.post("/approvals/filters?due=overdue", data={"name": "Filter 7"})
    assert replaced.status_code == 303
    more = await finn.post("/approvals/filters?due=overdue", data={"name": "One more"})
    assert (more.status_code, "You keep 50 filters already" in more.text) == (422, True)
    async with database.transaction("default") as session:
        kept = {each.name: each.query for each in await saved_filters(session, me)}
    assert (len(kept), kept["Filter 7"]) == (MOST, InboxFilter(due="overdue").query())


async def test_shared_with_a_group_and_changed_by_its_keeper_alone(database: Database, browser_of: Visitor) -> None:
    finn, fay, mona = await browser_of("finn"), await browser_of("fay"), await browser_of("mona")
    await finn.post("/approvals/filters?due=overdue", data={"name": "Late in finance", "group": "finance"})
    key = re.search(r"/approvals/filters/([0-9a-f-]+)/name", (await finn.get("/approvals/filters")).text)
    assert key
    assert "Late in finance" in (await fay.get("/approvals")).text
    assert "Late in finance" not in (await mona.get("/approvals")).text
    assert key[1] not in (await fay.get("/approvals/filters")).text
    for path in ("name", "deletion"):
        answer = await fay.post(f"/approvals/filters/{key[1]}/{path}", data={"name": "Mine now"})
        assert answer.status_code == 404
    foreign = await mona.post("/approvals/filters?due=overdue", data={"name": "x", "group": "finance"})
    assert foreign.status_code == 404


async def test_a_filter_needs_a_name(browser_of: Visitor) -> None:
    finn = await browser_of("finn")
    for name in ("", "  ", "x" * 61):
        assert (await finn.post("/approvals/filters?due=overdue", data={"name": name})).status_code == 422
