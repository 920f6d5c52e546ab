"""Personal links: reading one does not use it up, and it is bound to its email, person, tenant and age."""

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from fastapi import FastAPI
from sqlalchemy import select, text, update

from backend.api.routes.core.form_tokens import FormTokens
from backend.cases.approvals.decide.decision_links import DecisionLinks, LinkNotValid
from backend.database.engine import Database
from backend.database.tables import AuditRow, Tenant
from tests.support.approvals import asked_about
from tests.support.html import page_of, source_of
from tests.support.links import LINKS, link_for, mails, press, verdict
from tests.support.web import ORIGIN, SECRET, Visitor

EVERYTHING = """
    SELECT md5(string_agg(t, '|' ORDER BY t)) FROM (
        SELECT a::text FROM approvals a UNION ALL SELECT v::text FROM votes v UNION ALL SELECT d::text FROM deliveries d
        UNION ALL SELECT (to_jsonb(n) - 'read_at')::text FROM notifications n UNION ALL SELECT o::text FROM outbox o
        UNION ALL SELECT j::text FROM journal j UNION ALL SELECT u::text FROM audit u) all_rows (t)
"""


@asynccontextmanager
async def links_off(database: Database) -> AsyncIterator[None]:
    """The tenant does not allow personal links inside this block."""
    async with database.across_tenants() as session:
        await session.execute(update(Tenant).where(Tenant.id == "default").values(decision_links=False))
    yield
    async with database.across_tenants() as session:
        await session.execute(update(Tenant).where(Tenant.id == "default").values(decision_links=True))


async def test_every_link_of_every_mail_fetched_ten_times_decides_nothing_and_spends_nothing(
    database: Database, browser_of: Visitor
) -> None:
    _, approval, personal = await link_for(database)
    (mail,) = await mails(database, "finn")
    links = set(re.findall(rf"{ORIGIN}(/\S*)", mail.text))
    assert {f"{ORIGIN}{link}" for link in links} == set(page_of(mail.html).links)
    assert {link.split("/")[1] for link in links} == {"answer", "approvals", "notifications"}
    scanner, finn = await browser_of(""), await browser_of("finn")
    async with database.across_tenants() as session:
        before = await session.scalar(text(EVERYTHING))
    for link in links:
        for client in (scanner, finn):
            for method in ("GET", "HEAD"):
                seen = {(await client.request(method, link)).status_code for _ in range(10)}
                assert seen <= {200, 303, 405}
    async with database.across_tenants() as session:
        assert await session.scalar(text(EVERYTHING)) == before
    assert await verdict(database, approval) == ("open", [])
    assert (await press(scanner, personal)).status_code == 303


async def test_where_the_tenant_does_not_allow_it_mails_have_no_link_and_those_that_are_out_are_dead(
    database: Database, browser_of: Visitor
) -> None:
    _, approval, link = await link_for(database)
    guest = await browser_of("")
    async with links_off(database):
        assert ((await guest.get(link)).status_code, (await press(guest, link)).status_code) == (404, 404)
        await asked_about(database, who=("person:fay",))
        fresh = [mail for mail in await mails(database, "fay") if "/answer/" not in mail.text]
        assert len(fresh) == 1
    assert await verdict(database, approval) == ("open", [])


async def test_a_link_is_bound_to_its_mail_its_key_its_age_and_its_purpose(
    database: Database, browser_of: Visitor
) -> None:
    _, approval, link = await link_for(database)
    delivery = LINKS.read(link.removeprefix("/answer/"))
    old_key = "another key that was in front of the ring before it was rotated"
    forged = [
        f"{link[:-6]}{'A' if link[-6] != 'A' else 'B'}{link[-5:]}",
        link + "A",
        f"/answer/{FormTokens([SECRET]).new('countersign.decision-link')}",
        f"/answer/{DecisionLinks([old_key]).token(delivery)}",
        f"/answer/{LINKS.token(approval.approval_id)}",
        "/answer/x",
    ]
    guest = await browser_of("")
    for one in forged:
        assert ((await guest.get(one)).status_code, (await press(guest, one)).status_code) == (404, 404), one
    with pytest.raises(LinkNotValid):
        DecisionLinks([SECRET], age=timedelta(seconds=-1)).read(link.removeprefix("/answer/"))
    assert DecisionLinks([old_key, SECRET]).read(link.removeprefix("/answer/")) == delivery
    assert await verdict(database, approval) == ("open", [])


async def test_another_site_cannot_press_the_button(database: Database, browser_of: Visitor) -> None:
    _, approval, link = await link_for(database)
    guest = await browser_of("")
    for headers in ({"origin": "https://evil.test"}, {"sec-fetch-site": "cross-site"}):
        answer = await guest.post(f"{link}/decision", data={"decision": "approve", "version": "1"}, headers=headers)
        assert answer.status_code == 403
    assert await verdict(database, approval) == ("open", [])


async def test_nobody_but_its_person_reads_the_link_in_the_mailbox(
    app: FastAPI, database: Database, browser_of: Visitor
) -> None:
    _, _, link = await link_for(database)
    delivery = LINKS.read(link.removeprefix("/answer/"))
    finn, root = await browser_of("finn"), await browser_of("root")
    assert link in source_of(await finn.get(f"/deliveries/{delivery}"))
    shown = page_of(await root.get(f"/deliveries/{delivery}"))
    assert "needs your approval" in shown.text
    assert link not in shown.source


async def test_only_administrators_let_people_answer_by_link_and_that_is_audited(
    database: Database, browser_of: Visitor
) -> None:
    root, ann = await browser_of("root"), await browser_of("ann")
    assert (await ann.post("/deliveries/links", data={"allowed": "no"})).status_code == 404
    for word in ("no", "yes"):
        assert (await root.post("/deliveries/links", data={"allowed": word})).status_code == 303
    async with database.across_tenants() as session:
        rows = [json.loads(row.body) for row in await session.scalars(select(AuditRow).order_by(AuditRow.seq))]
        allowed = {tenant.id: tenant.decision_links for tenant in await session.scalars(select(Tenant))}
    changes = [row for row in rows if row["action"] == "tenant.decision_links"]
    assert [(row["actor"], row["allowed"]) for row in changes] == [("root", False), ("root", True)]
    assert allowed == {"default": True, "acme": False}
