"""The audit page: filters, pages, proof and export, for the administrators of the tenant alone."""

import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from fastapi import FastAPI

from backend.cases.audit.anchors import Head
from backend.cases.audit.record import record_fact
from backend.cases.audit.verify import heads
from backend.database.engine import Database
from backend.embedded.postgres import EmbeddedPostgres
from tests.cases.audit.test_manipulations import manipulated, the_newest_rows_are_deleted
from tests.support.html import page_of, said_in
from tests.support.outbox import a_case
from tests.support.postgres import run_as_owner
from tests.support.web import Visitor

TRAIL = "/api/v1/audit"


async def test_only_administrators_see_the_trail_and_only_that_of_their_tenant(
    database: Database, browser_of: Visitor
) -> None:
    await a_case(database)
    paths = ["/audit", "/audit/proof", "/audit/export", TRAIL, f"{TRAIL}/proof"]
    for name, status in {"root": 200, "zoe": 200, "ann": 404, "eve": 404}.items():
        client = await browser_of(name)
        assert {path: (await client.get(path)).status_code for path in paths} == dict.fromkeys(paths, status)
    zoe = await browser_of("zoe")
    own = [(item["action"], item["subject"]) for item in (await zoe.get(TRAIL)).json()["items"]]
    assert own == [("session.start", "zoe")] * 2
    exported = [json.loads(line) for line in (await zoe.get("/audit/export")).text.splitlines()]
    assert exported[-1]["rows"] == 2


async def test_rows_are_found_by_person_action_subject_and_day(database: Database, program_of: Visitor) -> None:
    async with database.transaction("default") as session:
        for number in range(60):
            actor = "ann" if number % 2 else "finn"
            await record_fact(session, "default", f"act.{number % 3}", actor, f"PUR-{number % 5}", number=number)
    root = await program_of("root")

    async def found(**query: str) -> list[int]:
        numbers: list[int] = []
        after: str | None = ""
        while after is not None:
            page = (await root.get(TRAIL, params={**query, "after": after, "limit": 7})).json()
            numbers += [item["facts"]["number"] for item in page["items"] if "number" in item["facts"]]
            after = page["next"]
        return numbers

    today, day = datetime.now(UTC).date(), timedelta(days=1)
    assert await found() == list(reversed(range(60)))
    assert await found(actor="ann") == list(reversed(range(1, 60, 2)))
    assert await found(action="act.1", subject="PUR-1") == list(reversed(range(1, 60, 15)))
    assert len(await found(since=f"{today - day}", until=f"{today + day}")) == 60
    assert await found(until=f"{today - 2 * day}") == await found(since=f"{today + 2 * day}") == []
    assert (await root.get(TRAIL, params={"after": "bm9wZQ=="})).status_code == 422


async def test_the_page_lists_the_actions_there_are_and_words_are_words(
    database: Database, browser_of: Visitor
) -> None:
    async with database.transaction("default") as session:
        await record_fact(session, "default", "b.two", "ann", "PUR-1", reason="<script>alert(1)</script>")
        await record_fact(session, "default", "a.one", "<b>eve", '"><img src=x>')
    page = page_of(await (await browser_of("root")).get("/audit?actor=&action=&since=nonsense"))
    options = [option.text for option in page.all('[name="action"] option')]
    assert options == ["Any action", "a.one", "b.two", "session.start"]
    assert "<script>alert(1)</script>" in page.text
    scripts = [script.source for script in page.all("script")]
    assert scripts
    assert not [script for script in scripts if "alert" in script]
    assert not page.has('img[src="x"]')


async def test_an_override_and_the_action_of_a_case_are_told_apart(database: Database, browser_of: Visitor) -> None:
    async with database.transaction("default") as session:
        await record_fact(session, "default", "approval.decide", "ann", "PUR-1", kind="own", choice="approve")
        await record_fact(session, "default", "approval.decide", "root", "PUR-1", kind="override", choice="approve")
        await record_fact(session, "default", "case.act", "hugo", "ONB-1", did="try_again")
    page = page_of(await (await browser_of("root")).get("/audit"))
    acts = [cell.text for cell in page.all("tbody td:nth-child(4)")]
    assert acts == ["session.start", "case.act: try_again", "approval.decide: override", "approval.decide"]


async def test_only_references_of_cases_are_links(database: Database, browser_of: Visitor) -> None:
    job = str(uuid4())
    facts = {
        "case.open": "PUR-000001",
        "approval.decide": "PUR-000002",
        "delivery.resend": "PUR-000003",
        "approval.bulk": job,
        "calendar.add": "2099-12-24",
        "person.change": "ann-marie",
        "calendar.hours": "graz-1",
    }
    async with database.transaction("default") as session:
        for action, subject in facts.items():
            await record_fact(session, "default", action, "finn", subject)
        await record_fact(session, "default", "delivery.resend", "finn", "mail")
    page = page_of(await (await browser_of("root")).get("/audit?actor=finn"))
    subjects = [cell.text for cell in page.all("tbody td:nth-child(5)")]
    references = ["PUR-000003", "PUR-000002", "PUR-000001"]
    assert subjects == ["mail", "graz-1", "ann-marie", "2099-12-24", "Several approvals", *references]
    links = [link["href"] for link in page.all("tbody td:nth-child(5) a")]
    assert links == [f"/cases/{reference}" for reference in references]
    assert job in page.one("tbody tr:nth-child(5) details").text
    assert (await (await browser_of("root")).get(f"/audit?subject={job}")).text.count("Several approvals") == 1


async def test_verify_now_shows_the_proof_and_what_was_forged(
    database: Database, browser_of: Visitor, cluster: EmbeddedPostgres
) -> None:
    for _ in range(3):
        await a_case(database)
    root = await browser_of("root")
    proof = (await root.get(f"{TRAIL}/proof")).json()
    assert (proof["ok"], proof["rows"], len(proof["head"])) == (True, 4, 64)
    page = page_of(await root.get("/audit/proof"))
    assert "All 4 entries are verified" in page.text
    assert proof["head"] in page.text
    await run_as_owner(cluster, "UPDATE audit SET body = replace(body, 'ann', 'eve') WHERE seq = 2")
    broken = (await root.get(f"{TRAIL}/proof")).json()
    assert (broken["ok"], broken["rows"], broken["broken_at"]) == (False, 1, 2)
    assert "failed at entry 2" in said_in(await root.get("/audit/proof"))


async def test_verify_now_compares_with_the_anchors(
    app: FastAPI, database: Database, browser_of: Visitor, cluster: EmbeddedPostgres
) -> None:
    for _ in range(6):
        await a_case(database)
    root = await browser_of("root")
    app.state.web.anchors.add(await heads(database))
    assert (await root.get(f"{TRAIL}/proof")).json()["anchored"] == 7
    await manipulated(cluster, the_newest_rows_are_deleted)
    proof = (await root.get(f"{TRAIL}/proof")).json()
    assert (proof["ok"], proof["rows"], proof["broken_at"]) == (False, 4, 5)
    assert "Entries were removed: 7 were anchored, 4 remain." in said_in(await root.get("/audit/proof"))


async def test_an_export_of_the_page_is_signed_and_anchored(
    app: FastAPI, database: Database, program_of: Visitor
) -> None:
    await a_case(database)
    answer = await (await program_of("root")).get("/audit/export")
    end, anchors = json.loads(answer.text.splitlines()[-1]), app.state.web.anchors
    assert anchors.signed("default", Head(rows=end["rows"], hash=end["head"]), end["signature"])
    assert anchors.read().hashes["default"] == {end["rows"]: end["head"]}


async def test_an_export_is_a_file_that_a_program_can_fetch(
    app: FastAPI, database: Database, program_of: Visitor
) -> None:
    await a_case(database)
    root = await program_of("root")
    for kind, media in (("jsonl", "application/jsonl"), ("csv", "text/csv; charset=utf-8")):
        answer = await root.get(f"/audit/export?format={kind}")
        assert answer.headers["content-type"] == media
        assert answer.headers["content-disposition"].endswith(f'.{kind}"')
        assert "case.open" in answer.text
    assert (await root.get("/audit/export?format=exe")).status_code == 422
