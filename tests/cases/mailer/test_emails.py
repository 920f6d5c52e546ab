"""What an email contains, and what hostile text cannot add to it."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy import func, update

from backend.cases.notifications.notify import notify
from backend.database.engine import Database
from backend.database.tables import Case, Delivery, EmailPreference, Person
from backend.kit.approval import DecisionKind
from backend.kit.moments import in_utc
from backend.kit.notification import NotificationEvent
from backend.services.email import SmtpSender
from tests.support.approvals import answered, asked_about
from tests.support.conditions import eventually
from tests.support.html import page_of
from tests.support.post import ANN, BASE, FAY, FINN, SENDER, body, delivered_to, ledger, postmen, settled
from tests.support.purchases import purchase
from tests.support.smtp import Inbox, serving

HOSTILE = (
    '<img src="https://evil.test/x.png"> "Desks"\r\nBcc: eve@example.com\r\n\r\n'
    "<script>alert(1)</script> \u202e{{ 7*7 }}"
)


async def test_a_mail_arrives_in_text_and_html_and_the_ledger_says_so(database: Database) -> None:
    case, approval = await asked_about(database)
    inbox = Inbox()
    rows = await delivered_to(inbox, database)
    assert {row.state for row in rows} == {"sent"}
    assert sorted(inbox.recipients) == [FAY, FINN]
    mail = inbox.of(FINN)[0]
    assert mail["Subject"] == f"{case.title} needs your approval"
    assert mail["To"] == "Finn Aalto <finn@example.com>"
    link = f"{BASE}/approvals/{approval.approval_id}"
    html, plain = page_of(body(mail, "html")), body(mail)
    assert link in html.links
    assert link in plain
    for said in (html.text, plain):
        assert case.reference in said
        assert "Ann Berger" in said
    (mine,) = [row for row in rows if row.person_id == "finn"]
    assert str(mine.id) in mail["Message-ID"]
    assert all(row.provider_id.startswith(f"<{row.id}@desk.test>") for row in rows)


async def test_an_email_that_asks_for_a_decision_shows_the_request_as_its_page_does(database: Database) -> None:
    form = purchase(justification="Two new colleagues.\nThey start in May.")
    form["items"] = [
        {"description": "Desk", "quantity": 4, "unit_price": "1200.00"},
        {"description": "Lamp", "quantity": 2, "unit_price": "30.00"},
    ]
    await asked_about(database, form)
    inbox = Inbox()
    await delivered_to(inbox, database)
    (email,) = inbox.of(FINN)
    html, plain = page_of(body(email, "html")), body(email)
    lines = [line.strip() for line in plain.splitlines()]
    assert f"Vendor: {form['vendor']}" in lines
    assert "1. Description: Desk; Quantity: 4; Unit price: EUR 1,200.00; Total: EUR 4,800.00" in lines
    assert "2. Description: Lamp; Quantity: 2; Unit price: EUR 30.00; Total: EUR 60.00" in lines
    assert "Total: EUR 4,860.00" in lines
    assert lines[lines.index("> Two new colleagues.") + 1] == "> They start in May."
    cells = [[cell.text for cell in row.all("th, td")] for row in html.all("tr")]
    assert ["Vendor", form["vendor"]] in cells
    assert ["Desk", "4", "EUR 1,200.00", "EUR 4,800.00"] in cells
    assert ["Total", "EUR 4,860.00"] in cells
    assert "Two new colleagues.\nThey start in May." in html.one("p.text").source


async def test_an_email_about_a_form_of_another_release_leaves_without_it(database: Database) -> None:
    case, _ = await asked_about(database)
    async with database.across_tenants() as session:
        await session.execute(update(Case).where(Case.id == case.id).values(input={"of": "another release"}))
    inbox = Inbox()
    rows = await delivered_to(inbox, database)
    assert {row.state for row in rows} == {"sent"}
    assert case.reference in body(inbox.of(FINN)[0])
    assert "Vendor" not in body(inbox.of(FINN)[0])


async def test_hostile_text_neither_adds_a_header_nor_markup_nor_a_paragraph(database: Database) -> None:
    _, approval = await asked_about(database, purchase(title=HOSTILE[:110]))
    await answered(database, approval, "finn", DecisionKind.REJECT, f"no\r\n\r\nBcc: eve@example.com\n<b>{HOSTILE}</b>")
    inbox = Inbox()
    await delivered_to(inbox, database)
    (mail,) = inbox.of(ANN)
    assert mail["Bcc"] is None
    assert inbox.recipients == [ANN]
    assert not re.search(r"[\r\n\u202e]", mail["Subject"])
    html, plain = page_of(body(mail, "html")), body(mail)
    assert not html.has("img, script, b")
    assert "<script>alert(1)" in html.text
    assert "{{ 7*7 }}" in plain
    said = [line for line in plain.splitlines() if "eve@example[.]com" in line]
    assert said
    assert all(line.startswith(("> ", "<img")) for line in said)
    assert plain.splitlines()[0].endswith("was rejected by Finn Aalto")


LURE = "Confirm at http://evil.example now"


async def test_the_only_live_links_of_a_mail_are_ours(database: Database) -> None:
    form = purchase(title=LURE, vendor="evil.example/login")
    _, approval = await asked_about(database, form, requester="ann")
    await answered(
        database, approval, "finn", DecisionKind.REJECT, "See HTTPS://Evil.Example/x?y=1 or www.evil.example"
    )
    inbox = Inbox()
    await delivered_to(inbox, database)
    assert sorted(inbox.recipients) == [ANN]
    for mail in inbox.mails:
        html, plain = page_of(body(mail, "html")), body(mail)
        assert "evil[.]example" in mail["Subject"]
        assert all(link.startswith(f"{BASE}/") for link in html.links)
        for said in (mail["Subject"], html.text, plain):
            foreign = said.replace(f"{BASE}/", "")
            assert "evil[.]example" in foreign.lower()
            assert not re.search(r"https?:|evil\.example|www\.", foreign, re.IGNORECASE)


async def test_the_name_of_a_person_is_no_live_link_either(database: Database) -> None:
    async with database.across_tenants() as session:
        await session.execute(update(Person).where(Person.id == "ann").values(name="https://evil.example/x Ann"))
    try:
        await asked_about(database, purchase(vendor="Name Ltd"), requester="ann")
        inbox = Inbox()
        await delivered_to(inbox, database)
    finally:
        async with database.across_tenants() as session:
            await session.execute(update(Person).where(Person.id == "ann").values(name="Ann Berger"))
    assert inbox.mails
    for mail in inbox.mails:
        html, plain = page_of(body(mail, "html")), body(mail)
        assert all(link.startswith(f"{BASE}/") for link in html.links)
        assert "evil[.]example" in html.text
        assert not any(re.search(r"evil\.example", each) for each in (mail["Subject"], html.text, plain))


@pytest.mark.parametrize(
    ("language", "due"), [(None, "Fri 27 Nov 2026 16:00 CET"), ("de", "Fr., 27. Nov. 2026 16:00 CET")]
)
async def test_a_mail_says_when_with_day_year_and_zone(database: Database, language: str | None, due: str) -> None:
    async with database.across_tenants() as session:
        await session.execute(update(Person).where(Person.id == "finn").values(language=language))
    try:
        asked_at = datetime(2026, 11, 26, 15, 0, tzinfo=UTC)
        await asked_about(database, who=("person:finn",), asked_at=asked_at, working_time=False)
        inbox = Inbox()
        await delivered_to(inbox, database)
    finally:
        async with database.across_tenants() as session:
            await session.execute(update(Person).where(Person.id == "finn").values(language=None))
    (mail,) = inbox.of(FINN)
    for said in (body(mail), page_of(body(mail, "html")).text):
        assert due in said
        assert not re.search("today|tomorrow|yesterday|heute|morgen|gestern", said)


async def test_the_moments_in_the_note_of_a_digest_have_a_year_and_a_zone(database: Database) -> None:
    due = in_utc(datetime(2026, 11, 27, 15, tzinfo=UTC))
    note = f"3 overdue requests are waiting for you.\nPUR-000007 Desks, due {due}"
    async with database.transaction("default") as session:
        await notify(session, None, NotificationEvent.DIGEST, ["finn"], key="overdue:x", note=note)
    inbox = Inbox()
    await delivered_to(inbox, database)
    (mail,) = inbox.of(FINN)
    assert "due Fri 27 Nov 2026 16:00 CET" in body(mail)


async def test_an_html_part_loads_nothing_from_anywhere(database: Database) -> None:
    await asked_about(database)
    inbox = Inbox()
    await delivered_to(inbox, database)
    assert inbox.recipients
    for mail in inbox.mails:
        html = page_of(body(mail, "html"))
        assert not html.has("img, link, script, iframe, object, [src], [background]")
        assert not re.search(r"(?i)url\(|@import", html.source)
        links = set(re.findall(r"https://desk\.test\S*", body(mail)))
        assert links
        assert {element["href"] for element in html.all("[href]")} == links


async def test_a_daily_digest_holds_what_was_collected_in_one_mail(database: Database) -> None:
    async with database.transaction("default") as session:
        session.add(EmailPreference(tenant_id="default", person_id="finn", daily=True))
    cases = [(await asked_about(database, who=("person:finn",)))[0] for _ in range(3)]
    gone, approval = await asked_about(database, who=("person:finn",))
    await answered(database, approval, "finn", DecisionKind.APPROVE)
    inbox = Inbox()
    with serving(inbox) as url:
        async with postmen(database, SmtpSender(url, SENDER)):
            await eventually(lambda: settled(database))
            assert inbox.of(FINN) == []
            async with database.across_tenants() as session:
                await session.execute(update(Delivery).values(due_at=func.clock_timestamp()))

            async def arrived() -> bool:
                return bool(inbox.of(FINN)) and bool(await settled(database))

            await eventually(arrived)
    (mail,) = inbox.of(FINN)
    assert mail["Subject"] == "4 notifications from Countersign"
    assert [case.reference in body(mail) for case in [*cases, gone]] == [True, True, True, False]
    assert {row.state for row in await ledger(database)} == {"sent"}


async def test_a_digest_of_its_own_says_its_note(database: Database) -> None:
    async with database.transaction("default") as session:
        await notify(
            session, None, NotificationEvent.DIGEST, ["mona"], key="d", note="Three requests are overdue.\n* one"
        )
    inbox = Inbox()
    await delivered_to(inbox, database)
    assert "Three requests are overdue." in body(inbox.mails[0])


@pytest.fixture
async def finn_reads_german(database: Database) -> AsyncIterator[None]:
    """Finn reads German until the end of the test."""
    for_finn = update(Person).where(Person.id == "finn")
    async with database.transaction("default") as session:
        await session.execute(for_finn.values(language="de"))
    yield
    async with database.transaction("default") as session:
        await session.execute(for_finn.values(language=None))


@pytest.mark.usefixtures("finn_reads_german")
async def test_a_mail_speaks_the_language_that_its_reader_chose(database: Database) -> None:
    case, _ = await asked_about(database)
    inbox = Inbox()
    await delivered_to(inbox, database)
    (german,), (english,) = inbox.of(FINN), inbox.of(FAY)
    assert '<html lang="de">' in body(german, "html")
    assert '<html lang="en">' in body(english, "html")
    for said in (page_of(body(german, "html")).text, body(german)):
        assert "Betrag" in said
        assert formats_of(case.amount) in said
        assert case.title in said
    assert "Amount" in body(english)
    assert "Betrag" not in body(english)


def formats_of(amount: Decimal) -> str:
    """An amount in the German format."""
    return f"{amount:,.2f}".translate(str.maketrans(",.", ".,")) + " EUR"
