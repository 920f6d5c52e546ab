"""The email log: only for administrators, with filters, reasons and an audited resend."""

import json

import pytest
from sqlalchemy import select, text, update

from backend.cases.mailer.emails import EmailWriter
from backend.cases.mailer.mailer import Mailer
from backend.database.engine import Database
from backend.database.tables import AuditRow, Delivery
from backend.processes import by_key
from backend.services.email import MailboxSender
from tests.support.approvals import asked_about
from tests.support.html import page_of, said_in
from tests.support.web import Visitor

LEDGER = "/api/v1/deliveries"


async def send_all(database: Database) -> None:
    """Send all due emails once, as the relay does."""
    postman = Mailer(database, EmailWriter("https://desk.test", by_key()).write, MailboxSender(database))
    await postman.deliver(await postman.claim())


async def fail_all(database: Database, reason: str = "The mail server responded with 550: no such person") -> None:
    async with database.across_tenants() as session:
        await session.execute(update(Delivery).values(state="failed", reason=reason, attempts=1))


async def test_only_administrators_of_the_tenant_see_the_ledger(database: Database, browser_of: Visitor) -> None:
    await asked_about(database)
    for name, status in {"root": 200, "zoe": 200, "ann": 404, "finn": 404, "eve": 404}.items():
        client = await browser_of(name)
        assert [(await client.get(path)).status_code for path in ("/deliveries", LEDGER)] == [status, status]
    zoe = await browser_of("zoe")
    assert (await zoe.get(LEDGER)).json()["items"] == []
    async with database.across_tenants() as session:
        one = await session.scalar(select(Delivery.id).limit(1))
    assert (await zoe.get(f"/deliveries/{one}")).status_code == 404
    assert (await zoe.post(f"/deliveries/{one}/resend")).status_code == 404


async def test_filters_by_state_person_and_case(database: Database, program_of: Visitor) -> None:
    case, _ = await asked_about(database)
    await asked_about(database)
    root = await program_of("root")

    async def found(**query: str) -> int:
        return len((await root.get(LEDGER, params=query)).json()["items"])

    assert await found() == 4
    assert (await found(to="finn"), await found(case=case.reference), await found(to="finn", case=case.reference)) == (
        2,
        2,
        1,
    )
    assert (await found(state="queued"), await found(state="failed")) == (4, 0)
    first = (await root.get(LEDGER, params={"limit": 3})).json()
    rest = (await root.get(LEDGER, params={"limit": 3, "after": first["next"]})).json()
    assert len({item["id"] for item in first["items"] + rest["items"]}) == 4
    assert rest["next"] is None


async def test_a_failed_mail_shows_its_reason_and_is_sent_again_and_that_is_audited(
    database: Database, browser_of: Visitor
) -> None:
    case, _ = await asked_about(database, who=("person:finn",))
    await fail_all(database)
    root = await browser_of("root")
    (line,) = (await root.get(LEDGER)).json()["items"]
    page = page_of(await root.get(f"/deliveries/{line['id']}"))
    assert "no such person" in page.text
    assert "no such person" in said_in(await root.get(f"/cases/{case.reference}"))
    answer = await root.post(f"/deliveries/{line['id']}/resend")
    assert answer.status_code == 303
    assert (await root.post(f"{LEDGER}/{line['id']}/resend")).json()["code"] == "still_under_way"
    await send_all(database)
    (line,) = (await root.get(LEDGER)).json()["items"]
    assert (line["state"], line["reason"], line["attempts"]) == ("sent", "", 1)
    assert f"{line['id']}.1@desk.test" in line["provider_id"]
    async with database.across_tenants() as session:
        rows = [json.loads(row.body) for row in await session.scalars(select(AuditRow))]
    resent = [row for row in rows if row["action"] == "delivery.resend"]
    assert [(row["actor"], row["subject"], row["delivery"]) for row in resent] == [("root", case.reference, line["id"])]


async def test_the_case_shows_its_mails_but_only_administrators_read_why_one_failed(
    database: Database, browser_of: Visitor
) -> None:
    case, _ = await asked_about(database)
    await fail_all(database)
    ann, finn = await browser_of("ann"), await browser_of("finn")
    page = page_of(await ann.get(f"/cases/{case.reference}"))
    assert "Finn Aalto: Approval request" in page.text
    assert "no such person" not in page.source
    assert "/deliveries/" not in page.source
    his = page_of(await finn.get(f"/cases/{case.reference}")).links
    assert len([link for link in his if link.startswith("/deliveries/")]) == 1


async def test_a_kept_mail_is_read_by_its_addressee_and_administrators_alone(
    database: Database, browser_of: Visitor
) -> None:
    await asked_about(database, who=("person:finn",))
    await send_all(database)
    async with database.across_tenants() as session:
        one = await session.scalar(select(Delivery.id))
    for name, status in {"finn": 200, "root": 200, "fay": 404, "ann": 404}.items():
        answer = await (await browser_of(name)).get(f"/deliveries/{one}")
        assert (answer.status_code, "needs your approval" in said_in(answer)) == (status, status == 200)


@pytest.mark.parametrize("path", ["/deliveries", "/deliveries?state=failed", "/deliveries?to=%27;--&case=%25"])
async def test_looking_at_the_ledger_changes_nothing(database: Database, browser_of: Visitor, path: str) -> None:
    await asked_about(database)
    await fail_all(database, "<script>alert(1)</script>")
    root = await browser_of("root")
    for _ in range(3):
        page = await root.get(path)
        assert page.status_code == 200
        scripts = [script.source for script in page_of(page).all("script")]
        assert scripts
        assert not [script for script in scripts if "alert(1)" in script]
    async with database.across_tenants() as session:
        assert await session.scalar(text("SELECT count(*) FROM deliveries WHERE state = 'failed' AND resends = 0")) == 2
