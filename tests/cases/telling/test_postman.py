"""The postman against a real SMTP server: each mail once, through refusals, waiting, absence and death."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from email.message import EmailMessage

import pytest
from sqlalchemy import func, select, text, update

from backend.cases.telling.letters import Letters
from backend.cases.telling.postman import Patience, Postman
from backend.cases.telling.tell import Event, tell_people
from backend.database.engine import Database
from backend.database.tables import Delivery, KeptMail, MailPreference, Person
from backend.embedded.ports import free_port
from backend.kit.approval import Choice
from backend.kit.letter import Letter, Mail
from backend.services.mail import MailboxMail, SmtpMail
from tests.support.approvals import answered, asked_about
from tests.support.conditions import eventually
from tests.support.purchases import purchase
from tests.support.smtp import TAKEN, Inbox, serving

SENDER = "Countersign <countersign@desk.test>"
BASE = "https://desk.test"
HASTY = Patience(attempts=3, first_pause=timedelta(milliseconds=50), lease=timedelta(seconds=30))
FINN, FAY, ANN = "finn@example.com", "fay@example.com", "ann@example.com"
HOSTILE = (
    '<img src="https://evil.test/x.png"> "Desks"\r\nBcc: eve@example.com\r\n\r\n'
    "<script>alert(1)</script> \u202e{{ 7*7 }}"
)


@asynccontextmanager
async def postmen(database: Database, *mails: Mail, patience: Patience = HASTY) -> AsyncIterator[None]:
    stop = asyncio.Event()
    write = Letters(BASE).write
    running = [asyncio.create_task(Postman(database, write, mail, patience).run(stop)) for mail in mails]
    yield
    stop.set()
    await asyncio.gather(*running)


async def ledger(database: Database) -> list[Delivery]:
    async with database.across_tenants() as session:
        return list(await session.scalars(select(Delivery).order_by(Delivery.person_id, Delivery.created_at)))


async def settled(database: Database) -> list[Delivery] | None:
    rows = await ledger(database)
    return None if any(row.state in {"queued", "retried"} for row in rows) else rows


def body(mail: EmailMessage, kind: str = "plain") -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content())


async def test_a_mail_arrives_in_text_and_html_and_the_ledger_says_so(database: Database) -> None:
    case, approval = await asked_about(database)
    inbox = Inbox()
    with serving(inbox) as url:
        async with postmen(database, SmtpMail(url, SENDER)):
            rows = await eventually(lambda: settled(database))
    assert {row.state for row in rows} == {"sent"}
    assert sorted(inbox.recipients) == [FAY, FINN]
    mail = inbox.of(FINN)[0]
    assert mail["Subject"] == f"{case.title} waits for you"
    assert mail["To"] == "Finn Aalto <finn@example.com>"
    link = f"{BASE}/approvals/{approval.approval_id}"
    for kind in ("plain", "html"):
        assert link in body(mail, kind)
        assert case.reference in body(mail, kind)
        assert "Ann Berger" in body(mail, kind)
    assert str(rows[0].id) in mail["Message-ID"] or str(rows[1].id) in mail["Message-ID"]
    assert all(row.provider_id.startswith(f"<{row.id}@desk.test>") for row in rows)


async def test_two_postmen_send_each_mail_once(database: Database) -> None:
    for _ in range(10):
        await asked_about(database)
    inbox = Inbox()
    with serving(inbox) as url:
        async with postmen(database, SmtpMail(url, SENDER), SmtpMail(url, SENDER)):
            await eventually(lambda: settled(database))
    assert len(inbox.mails) == len({mail["Message-ID"] for mail in inbox.mails}) == 20


async def test_a_refused_address_fails_with_the_servers_reason_and_nobody_else_waits(database: Database) -> None:
    await asked_about(database)
    inbox = Inbox(lambda address, _: "550 5.1.1 no such person" if address == FINN else TAKEN)
    with serving(inbox) as url:
        async with postmen(database, SmtpMail(url, SENDER)):
            fay, finn = await eventually(lambda: settled(database))
    assert (finn.state, finn.attempts, finn.reason) == (
        "failed",
        1,
        "The mail server answered 550: 5.1.1 no such person",
    )
    assert (fay.state, inbox.recipients) == ("sent", [FAY])


async def test_a_greylisting_server_is_asked_again(database: Database) -> None:
    await asked_about(database)
    inbox = Inbox(lambda _, tries: TAKEN if tries > 1 else "451 4.7.1 come again")
    with serving(inbox) as url:
        async with postmen(database, SmtpMail(url, SENDER)):
            rows = await eventually(lambda: settled(database))
    assert [(row.state, row.attempts, row.reason) for row in rows] == [("sent", 2, "")] * 2
    assert sorted(inbox.recipients) == [FAY, FINN]


async def test_a_server_that_is_down_is_waited_for_and_each_mail_comes_once(database: Database) -> None:
    await asked_about(database)
    inbox, port = Inbox(), free_port()

    async def tried() -> bool:
        return all(row.state == "retried" for row in await ledger(database))

    stubborn = Patience(first_pause=timedelta(milliseconds=50), longest_pause=timedelta(milliseconds=200))
    async with postmen(database, SmtpMail(f"smtp://127.0.0.1:{port}", SENDER), patience=stubborn):
        await eventually(tried)
        assert {row.reason for row in await ledger(database)} == {"The mail server does not answer."}
        with serving(inbox, port):
            await eventually(lambda: settled(database))
    assert sorted(inbox.recipients) == [FAY, FINN]


async def test_after_the_last_attempt_a_mail_has_failed_with_its_reason(database: Database) -> None:
    await asked_about(database)
    inbox = Inbox(lambda *_: "452 4.2.2 mailbox full")
    with serving(inbox) as url:
        async with postmen(database, SmtpMail(url, SENDER)):
            rows = await eventually(lambda: settled(database))
    assert {(row.state, row.attempts) for row in rows} == {("failed", 3)}
    assert {row.reason for row in rows} == {"The mail server answered 452: 4.2.2 mailbox full"}


async def test_what_a_dead_postman_claimed_goes_out_when_its_lease_ends(database: Database) -> None:
    await asked_about(database)
    async with database.across_tenants() as session:
        claimed = {"due_at": text("clock_timestamp() + interval '500 milliseconds'"), "attempts": 1}
        await session.execute(update(Delivery).values(claimed))
    inbox = Inbox()
    with serving(inbox) as url:
        async with postmen(database, SmtpMail(url, SENDER)):
            rows = await eventually(lambda: settled(database))
    assert {row.attempts for row in rows} == {2}
    assert sorted(inbox.recipients) == [FAY, FINN]


async def test_a_postman_who_comes_to_a_mail_after_his_lease_leaves_it_to_who_has_it_now(database: Database) -> None:
    await asked_about(database, who=("person:finn",))
    inbox = Inbox()
    with serving(inbox) as url:
        slow = Postman(database, Letters(BASE).write, SmtpMail(url, SENDER), Patience(lease=timedelta(0)))
        mine = await slow.claim()
        his = await slow.claim()
        await slow.deliver(mine)
        assert inbox.mails == []
        await slow.deliver(his)
    assert inbox.recipients == [FINN]


class DiesAfterSending:
    """A mail server that takes a mail, and a postman who never learns of it."""

    def __init__(self, real: Mail) -> None:
        self._real = real

    async def send(self, letter: Letter) -> str:
        await self._real.send(letter)
        await asyncio.Event().wait()
        return ""


async def test_killed_between_sending_and_noting_it_the_second_copy_has_the_same_message_id(database: Database) -> None:
    await asked_about(database, who=("person:finn",))
    inbox = Inbox()

    async def arrived() -> bool:
        return bool(inbox.mails)

    with serving(inbox) as url:
        mail, write = SmtpMail(url, SENDER), Letters(BASE).write
        soon = Patience(lease=timedelta(seconds=1))
        dying = Postman(database, write, DiesAfterSending(mail), soon)
        task = asyncio.create_task(dying.run(asyncio.Event()))
        await eventually(arrived)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        async with postmen(database, mail):
            await eventually(lambda: settled(database))
    assert len(inbox.mails) == 2
    assert len({mail["Message-ID"] for mail in inbox.mails}) == 1


async def test_hostile_text_neither_adds_a_header_nor_markup_nor_a_paragraph(database: Database) -> None:
    _, approval = await asked_about(database, purchase(title=HOSTILE[:110]))
    await answered(database, approval, "finn", Choice.REJECT, f"no\r\n\r\nBcc: eve@example.com\n<b>{HOSTILE}</b>")
    inbox = Inbox()
    with serving(inbox) as url:
        async with postmen(database, SmtpMail(url, SENDER)):
            await eventually(lambda: settled(database))
    (mail,) = inbox.of(ANN)
    assert mail["Bcc"] is None
    assert inbox.recipients == [ANN]
    assert not re.search(r"[\r\n\u202e]", mail["Subject"])
    html, plain = body(mail, "html"), body(mail)
    assert not re.search(r"<(img|script|b)\b", html)
    assert "&lt;script&gt;alert(1)" in html
    assert "{{ 7*7 }}" in plain
    said = [line for line in plain.splitlines() if "eve@example.com" in line]
    assert said
    assert all(line.startswith(("> ", "<img")) for line in said)
    assert plain.splitlines()[0].endswith("was rejected by Finn Aalto")


async def test_an_html_part_loads_nothing_from_anywhere(database: Database) -> None:
    await asked_about(database)
    inbox = Inbox()
    with serving(inbox) as url:
        async with postmen(database, SmtpMail(url, SENDER)):
            await eventually(lambda: settled(database))
    for mail in inbox.mails:
        html = body(mail, "html")
        assert not re.search(r"(?i)<(img|link|script|iframe|object)|url\(|@import|src=", html)
        links = set(re.findall(r"https://desk\.test\S*", body(mail)))
        assert set(re.findall(r'href="([^"]*)"', html)) == links


@pytest.mark.parametrize("address", ["finn@example.com\r\nBcc: eve@example.com", "finn", "a@b, c@d", "", "<finn@x.y>"])
async def test_an_address_that_is_none_is_refused_at_once(database: Database, address: str) -> None:
    inbox = Inbox()
    async with database.across_tenants() as session:
        await session.execute(update(Person).where(Person.id == "finn").values(email=address))
    try:
        await asked_about(database, who=("person:finn",))
        with serving(inbox) as url:
            async with postmen(database, SmtpMail(url, SENDER)):
                rows = await eventually(lambda: settled(database)) if address else []
    finally:
        async with database.across_tenants() as session:
            await session.execute(update(Person).where(Person.id == "finn").values(email=FINN))
    assert [row.state for row in rows] == (["failed"] if address else [])
    assert inbox.mails == []


async def test_a_request_that_was_answered_meanwhile_is_dropped_and_not_sent(database: Database) -> None:
    _, approval = await asked_about(database)
    await answered(database, approval, "finn", Choice.APPROVE)
    inbox = Inbox()
    with serving(inbox) as url:
        async with postmen(database, SmtpMail(url, SENDER)):
            rows = await eventually(lambda: settled(database))
    assert {row.person_id: row.state for row in rows} == {"ann": "sent", "fay": "dropped", "finn": "dropped"}
    assert inbox.recipients == [ANN]


async def test_a_daily_digest_holds_what_was_collected_in_one_mail(database: Database) -> None:
    async with database.transaction("default") as session:
        session.add(MailPreference(tenant_id="default", person_id="finn", daily=True))
    cases = [(await asked_about(database, who=("person:finn",)))[0] for _ in range(3)]
    gone, approval = await asked_about(database, who=("person:finn",))
    await answered(database, approval, "finn", Choice.APPROVE)
    inbox = Inbox()
    with serving(inbox) as url:
        async with postmen(database, SmtpMail(url, SENDER)):
            await eventually(lambda: settled(database))
            assert inbox.of(FINN) == []
            async with database.across_tenants() as session:
                await session.execute(update(Delivery).values(due_at=func.clock_timestamp()))

            async def arrived() -> bool:
                return bool(inbox.of(FINN)) and bool(await settled(database))

            await eventually(arrived)
    (mail,) = inbox.of(FINN)
    assert mail["Subject"] == "4 things from Countersign"
    assert [case.reference in body(mail) for case in [*cases, gone]] == [True, True, True, False]
    assert {row.state for row in await ledger(database)} == {"sent"}


async def test_a_digest_of_its_own_says_its_note(database: Database) -> None:
    async with database.transaction("default") as session:
        await tell_people(session, None, Event.DIGEST, ["mona"], key="d", note="Three requests are overdue.\n* one")
    inbox = Inbox()
    with serving(inbox) as url:
        async with postmen(database, SmtpMail(url, SENDER)):
            await eventually(lambda: settled(database))
    assert "Three requests are overdue." in body(inbox.mails[0])


async def test_a_retry_that_falls_into_the_quiet_hours_waits_until_they_end(database: Database) -> None:
    await asked_about(database, who=("person:finn",))
    async with database.transaction("default") as session:
        local = await session.scalar(text("SELECT (clock_timestamp() AT TIME ZONE 'Europe/Vienna')"))
        quiet = {"quiet_from": (local - timedelta(hours=1)).time(), "quiet_until": (local + timedelta(hours=3)).time()}
        session.add(MailPreference(tenant_id="default", person_id="finn", **quiet))

    async def retried() -> Delivery | None:
        (row,) = await ledger(database)
        return row if row.state == "retried" else None

    async with postmen(database, SmtpMail(f"smtp://127.0.0.1:{free_port()}", SENDER)):
        row = await eventually(retried)
        now = (await ledger(database))[0].created_at
    assert timedelta(hours=2, minutes=55) < row.due_at - now < timedelta(hours=3, minutes=1)


async def test_without_a_mail_server_the_mailbox_in_the_database_keeps_the_mail(database: Database) -> None:
    await asked_about(database, who=("person:finn",))
    async with postmen(database, MailboxMail(database)):
        (row,) = await eventually(lambda: settled(database))
    async with database.across_tenants() as session:
        kept = await session.get_one(KeptMail, row.id)
    assert (kept.address, row.state) == (FINN, "sent")
    assert "waits for you" in kept.text
