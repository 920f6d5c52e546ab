"""The personal link of a mail: it opens one request for one person, decides only by its POST, and once."""

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from sqlalchemy import select, text, update

from backend.api.routes.core.form_tokens import FormTokens
from backend.cases.approvals.asking import Asked
from backend.cases.approvals.decision_links import DecisionLinks, LinkNotValid
from backend.cases.telling.letters import Letters
from backend.cases.telling.postman import Postman
from backend.database.engine import Database
from backend.database.tables import Approval, AuditRow, Case, Delivery, KeptMail, Person, Tenant, Vote
from backend.kit.choices import Choice, Option
from backend.services.mail import MailboxMail
from tests.support.approvals import answered, asked_about
from tests.support.purchases import purchase
from tests.support.web import ORIGIN, SECRET, Visitor

LINKS = DecisionLinks([SECRET])
EVERYTHING = """
    SELECT md5(string_agg(t, '|' ORDER BY t)) FROM (
        SELECT a::text FROM approvals a UNION ALL SELECT v::text FROM votes v UNION ALL SELECT d::text FROM deliveries d
        UNION ALL SELECT n::text FROM notifications n UNION ALL SELECT o::text FROM outbox o
        UNION ALL SELECT j::text FROM journal j UNION ALL SELECT u::text FROM audit u) all_rows (t)
"""


@asynccontextmanager
async def links_off(database: Database) -> AsyncIterator[None]:
    """The tenant does not allow links for as long as this lasts."""
    async with database.across_tenants() as session:
        await session.execute(update(Tenant).where(Tenant.id == "default").values(decision_links=False))
    yield
    async with database.across_tenants() as session:
        await session.execute(update(Tenant).where(Tenant.id == "default").values(decision_links=True))


async def post(database: Database) -> None:
    """The postman's round."""
    postman = Postman(database, Letters(ORIGIN, LINKS).write, MailboxMail(database))
    await postman.deliver(await postman.claim())


async def mails(database: Database, person: str) -> list[KeptMail]:
    await post(database)
    async with database.across_tenants() as session:
        mine = select(KeptMail).join(Delivery, Delivery.id == KeptMail.delivery_id).where(Delivery.person_id == person)
        return list(await session.scalars(mine))


async def link_for(database: Database, person: str = "finn", **step: Any) -> tuple[Case, Asked, str]:
    """A request, and the personal link in this person's mail about it."""
    case, approval = await asked_about(database, **step)
    (mail,) = await mails(database, person)
    (link,) = set(re.findall(rf"{ORIGIN}(/answer/\S+)", mail.text))
    assert link in mail.html
    return case, approval, link


async def verdict(database: Database, approval: Asked) -> tuple[str, list[tuple[str, str]]]:
    """How the approval stands, and who answered which way."""
    async with database.across_tenants() as session:
        votes = await session.execute(select(Vote.person_id, Vote.channel))
        row = await session.get_one(Approval, approval.approval_id)
        return row.state, [(person, channel) for person, channel in votes]


async def press(client: httpx2.AsyncClient, link: str, decision: str = "approve", **more: str) -> httpx2.Response:
    return await client.post(f"{link}/decision", data={"decision": decision, "version": "1", **more})


async def test_every_link_of_every_mail_fetched_ten_times_decides_nothing_and_spends_nothing(
    database: Database, browser_of: Visitor
) -> None:
    _, approval, personal = await link_for(database)
    (mail,) = await mails(database, "finn")
    links = set(re.findall(rf"{ORIGIN}(/\S*?)[\"\s<]", f"{mail.text} {mail.html}"))
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


async def test_the_post_decides_as_its_person_and_the_link_shows_the_outcome_ever_after(
    database: Database, browser_of: Visitor
) -> None:
    case, approval, link = await link_for(database)
    guest = await browser_of("")
    page = await guest.get(link)
    assert "Approve EUR 480.00" in page.text
    assert (page.headers["referrer-policy"], page.headers["x-robots-tag"]) == ("same-origin", "noindex")
    answer = await press(guest, link)
    assert (answer.status_code, answer.headers["location"]) == (303, link)
    assert await verdict(database, approval) == ("approved", [("finn", "link")])
    for _ in range(2):
        after = (await guest.get(link)).text
        assert "Finn Aalto approved this" in after
        assert "<form" not in after
    async with database.across_tenants() as session:
        bodies = [json.loads(row.body) for row in await session.scalars(select(AuditRow))]
    (decided,) = [body for body in bodies if body["action"] == "approval.decide"]
    assert (decided["actor"], decided["channel"], decided["subject"]) == ("finn", "link", case.reference)


async def test_the_same_press_again_changes_nothing_and_another_answer_is_refused(
    database: Database, browser_of: Visitor
) -> None:
    _, approval, link = await link_for(database)
    guest = await browser_of("")
    assert [(await press(guest, link)).status_code for _ in range(3)] == [303, 303, 303]
    other = await press(guest, link, "reject", comment="no")
    assert other.status_code == 409
    assert "Already decided" in other.text
    assert await verdict(database, approval) == ("approved", [("finn", "link")])


async def test_a_link_that_was_used_cannot_answer_again_even_if_the_answer_was_taken_back(
    database: Database, browser_of: Visitor
) -> None:
    _, approval, link = await link_for(database)
    guest = await browser_of("")
    await press(guest, link)
    async with database.across_tenants() as session:
        await session.execute(text("DELETE FROM votes"))
        await session.execute(update(Approval).values(state="open", decided_at=None, decided_by=None))
        await session.execute(text("UPDATE candidates SET open = true"))
    answer = await press(guest, link)
    assert answer.status_code == 409
    assert "was used already" in answer.text
    assert (await verdict(database, approval))[0] == "open"
    assert "was used already" in (await guest.get(link)).text


async def test_a_no_needs_its_reason_and_does_not_spend_the_link_without(
    database: Database, browser_of: Visitor
) -> None:
    _, approval, link = await link_for(database)
    guest = await browser_of("")
    refused = await press(guest, link, "reject:reject", comment=" ")
    assert (refused.status_code, "Write a reason" in refused.text) == (422, True)
    assert await verdict(database, approval) == ("open", [])
    assert (await press(guest, link, "send_back:send_back", comment="Which model?")).status_code == 303
    assert (await verdict(database, approval))[0] == "sent_back"


async def test_a_yes_by_link_takes_the_fields_that_its_step_asks_for(
    database: Database, browser_of: Visitor, limited: None
) -> None:
    _, approval, link = await link_for(database)
    guest = await browser_of("")
    shown = (await guest.get(link)).text
    assert 'name="up_to"' in shown
    assert "Sign in to see it" not in shown
    for up_to in ("", "nothing", "0"):
        wrong = await press(guest, link, up_to=up_to, note="For <now>")
        assert wrong.status_code == 422
        assert "Something is missing beside your answer." in wrong.text
        assert 'id="f-up_to-error"' in wrong.text
        assert not re.search(r'id="reason"[^>]*aria-invalid', wrong.text)
        assert 'value="For &lt;now&gt;"' in wrong.text
    assert await verdict(database, approval) == ("open", [])
    assert (await press(guest, link, up_to="500", note="For now")).status_code == 303
    assert await verdict(database, approval) == ("approved", [("finn", "link")])
    async with database.across_tenants() as session:
        assert (await session.scalars(select(Vote.extra))).one() == {"up_to": 500, "note": "For now"}
    assert "Up to: 500." in (await guest.get(link)).text


async def test_a_no_by_link_needs_none_of_those_fields(database: Database, browser_of: Visitor, limited: None) -> None:
    _, approval, link = await link_for(database)
    guest = await browser_of("")
    silent = (await press(guest, link, "reject", up_to="")).text
    assert "Write a reason" in silent
    assert re.search(r'id="reason"[^>]*aria-invalid', silent)
    assert "f-up_to-error" not in silent
    assert (await press(guest, link, "reject", comment="Too dear.")).status_code == 303
    assert (await verdict(database, approval))[0] == "rejected"


async def test_a_yes_by_link_that_needs_a_reason_has_room_for_it(database: Database, browser_of: Visitor) -> None:
    trial = Option(key="trial", counts_as=Choice.APPROVE, label="Release on trial", done="released", comment=True)
    link = (await link_for(database, options=(trial,)))[2]
    guest = await browser_of("")
    assert re.search(r'name="comment".*value="approve:trial"', (await guest.get(link)).text, re.DOTALL)
    silent = await press(guest, link, "approve:trial")
    assert (silent.status_code, "Write a reason" in silent.text) == (422, True)
    assert (await press(guest, link, "approve:trial", comment="Until March.")).status_code == 303
    assert "You released this" in (await guest.get(link)).text


async def test_a_version_that_was_not_on_the_screen_is_refused_with_the_difference(
    database: Database, browser_of: Visitor
) -> None:
    case, approval, link = await link_for(database)
    guest = await browser_of("")
    async with database.across_tenants() as session:
        changed = purchase("990.00")
        await session.execute(update(Case).where(Case.id == case.id).values(version=2, input=changed))
    answer = await press(guest, link)
    assert answer.status_code == 409
    assert f'href="{link}"' in answer.text
    assert await verdict(database, approval) == ("open", [])


async def test_four_eyes_and_lost_rights_hold_for_links_too(database: Database, browser_of: Visitor) -> None:
    _, approval, link = await link_for(database)
    guest = await browser_of("")
    async with database.across_tenants() as session:
        await session.execute(text("UPDATE case_versions SET edited_by = 'finn'"))
    assert "somebody else has to decide" in (await guest.get(link)).text
    assert (await press(guest, link)).status_code == 403
    async with database.across_tenants() as session:
        await session.execute(update(Person).where(Person.id == "finn").values(active=False))
    assert ((await guest.get(link)).status_code, (await press(guest, link)).status_code) == (404, 404)
    assert await verdict(database, approval) == ("open", [])


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


async def test_a_stale_link_shows_who_decided(database: Database, browser_of: Visitor) -> None:
    _, approval, link = await link_for(database)
    await answered(database, approval, "fay", Choice.REJECT, "too dear")
    page = await (await browser_of("")).get(link)
    assert page.status_code == 200
    assert "Fay Nowak rejected this" in page.text
    assert "<form" not in page.text


async def test_nobody_but_its_person_reads_the_link_in_the_mailbox(
    app: FastAPI, database: Database, browser_of: Visitor
) -> None:
    _, _, link = await link_for(database)
    delivery = LINKS.read(link.removeprefix("/answer/"))
    finn, root = await browser_of("finn"), await browser_of("root")
    assert link in (await finn.get(f"/deliveries/{delivery}")).text
    shown = (await root.get(f"/deliveries/{delivery}")).text
    assert "waits for you" in shown
    assert link not in shown


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
    assert [(row["action"], row["actor"], row["allowed"]) for row in rows] == [
        ("tenant.decision_links", "root", False),
        ("tenant.decision_links", "root", True),
    ]
    assert allowed == {"default": True, "acme": False}
