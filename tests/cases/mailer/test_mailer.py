"""The mailer with a real SMTP server: each email is sent once, through refusals, delays, outages and crashes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from backend.cases.mailer.emails import EmailWriter
from backend.cases.mailer.mailer import Mailer, RetrySchedule
from backend.database.engine import Database
from backend.database.tables import Delivery, EmailPreference, MailboxEmail, Notification, Person
from backend.embedded.ports import free_port
from backend.kit.approval import DecisionKind
from backend.kit.email import Email, EmailSender
from backend.processes import by_key
from backend.services.email import MailboxSender, SmtpSender
from tests.support.approvals import answered, asked_about
from tests.support.conditions import eventually
from tests.support.post import ANN, BASE, FAY, FINN, SENDER, delivered_to, ledger, postmen, settled
from tests.support.smtp import TAKEN, Inbox, serving


async def test_two_postmen_send_each_mail_once(database: Database) -> None:
    for _ in range(10):
        await asked_about(database)
    inbox = Inbox()
    with serving(inbox) as url:
        async with postmen(database, SmtpSender(url, SENDER), SmtpSender(url, SENDER)):
            await eventually(lambda: settled(database))
    assert len(inbox.mails) == len({mail["Message-ID"] for mail in inbox.mails}) == 20


async def test_a_refused_address_fails_with_the_servers_reason_and_nobody_else_waits(database: Database) -> None:
    await asked_about(database)
    inbox = Inbox(lambda address, _: "550 5.1.1 no such person" if address == FINN else TAKEN)
    fay, finn = await delivered_to(inbox, database)
    assert (finn.state, finn.attempts, finn.reason) == (
        "failed",
        1,
        "The mail server responded with 550: 5.1.1 no such person",
    )
    assert (fay.state, inbox.recipients) == ("sent", [FAY])


async def test_a_greylisting_server_is_asked_again(database: Database) -> None:
    await asked_about(database)
    inbox = Inbox(lambda _, tries: TAKEN if tries > 1 else "451 4.7.1 come again")
    rows = await delivered_to(inbox, database)
    assert [(row.state, row.attempts, row.reason) for row in rows] == [("sent", 2, "")] * 2
    assert sorted(inbox.recipients) == [FAY, FINN]


async def test_a_server_that_is_down_is_waited_for_and_each_mail_comes_once(database: Database) -> None:
    await asked_about(database)
    inbox, port = Inbox(), free_port()

    async def tried() -> bool:
        return all(row.state == "retried" for row in await ledger(database))

    stubborn = RetrySchedule(first_pause=timedelta(milliseconds=50), longest_pause=timedelta(milliseconds=200))
    async with postmen(database, SmtpSender(f"smtp://127.0.0.1:{port}", SENDER), retries=stubborn):
        await eventually(tried)
        assert {row.reason for row in await ledger(database)} == {"The mail server did not respond."}
        with serving(inbox, port):
            await eventually(lambda: settled(database))
    assert sorted(inbox.recipients) == [FAY, FINN]


async def test_after_the_last_attempt_a_mail_has_failed_with_its_reason(database: Database) -> None:
    await asked_about(database)
    inbox = Inbox(lambda *_: "452 4.2.2 mailbox full")
    rows = await delivered_to(inbox, database)
    assert {(row.state, row.attempts) for row in rows} == {("failed", 3)}
    assert {row.reason for row in rows} == {"The mail server responded with 452: 4.2.2 mailbox full"}


async def test_what_a_dead_postman_claimed_goes_out_when_its_lease_ends(database: Database) -> None:
    await asked_about(database)
    async with database.across_tenants() as session:
        claimed = {"due_at": text("clock_timestamp() + interval '500 milliseconds'"), "attempts": 1}
        await session.execute(update(Delivery).values(claimed))
    inbox = Inbox()
    rows = await delivered_to(inbox, database)
    assert {row.attempts for row in rows} == {2}
    assert sorted(inbox.recipients) == [FAY, FINN]


async def test_a_postman_who_comes_to_a_mail_after_his_lease_leaves_it_to_who_has_it_now(database: Database) -> None:
    await asked_about(database, who=("person:finn",))
    inbox = Inbox()
    with serving(inbox) as url:
        slow = Mailer(
            database, EmailWriter(BASE, by_key()).write, SmtpSender(url, SENDER), RetrySchedule(lease=timedelta(0))
        )
        mine = await slow.claim()
        his = await slow.claim()
        await slow.deliver(mine)
        assert inbox.mails == []
        await slow.deliver(his)
    assert inbox.recipients == [FINN]


class DiesAfterSending:
    """A mail server that accepts an email, and a mailer that dies before it learns so."""

    def __init__(self, real: EmailSender) -> None:
        self._real = real

    async def send(self, email: Email) -> str:
        await self._real.send(email)
        await asyncio.Event().wait()
        return ""


async def test_killed_between_sending_and_noting_it_the_second_copy_has_the_same_message_id(database: Database) -> None:
    await asked_about(database, who=("person:finn",))
    inbox = Inbox()

    async def arrived() -> bool:
        return bool(inbox.mails)

    with serving(inbox) as url:
        mail, write = SmtpSender(url, SENDER), EmailWriter(BASE, by_key()).write
        soon = RetrySchedule(lease=timedelta(seconds=1))
        dying = Mailer(database, write, DiesAfterSending(mail), soon)
        task = asyncio.create_task(dying.run(asyncio.Event()))
        await eventually(arrived)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        async with postmen(database, mail):
            await eventually(lambda: settled(database))
    assert len(inbox.mails) == 2
    assert len({mail["Message-ID"] for mail in inbox.mails}) == 1
    async with database.transaction("default") as session:
        assert list(await session.scalars(select(Delivery.unconfirmed))) == [1]


@pytest.mark.parametrize("address", ["finn@example.com\r\nBcc: eve@example.com", "finn", "a@b, c@d", "<finn@x.y>"])
async def test_an_address_that_is_none_is_refused_at_once(database: Database, address: str) -> None:
    inbox = Inbox()
    async with address_of_finn(database, address):
        await asked_about(database, who=("person:finn",))
        rows = await delivered_to(inbox, database)
    assert [row.state for row in rows] == ["failed"]
    assert inbox.mails == []


async def test_a_domain_with_an_umlaut_goes_out_as_every_server_takes_it(database: Database) -> None:
    inbox = Inbox()
    async with address_of_finn(database, "jorg@exämple.com"):
        await asked_about(database, who=("person:finn",))
        rows = await delivered_to(inbox, database)
    assert [row.state for row in rows] == ["sent"]
    assert inbox.recipients == ["jorg@xn--exmple-cua.com"]
    assert inbox.mails[0]["To"] == "Finn Aalto <jorg@xn--exmple-cua.com>"


async def test_an_address_that_no_server_takes_fails_once_with_its_reason(database: Database) -> None:
    inbox = Inbox()
    async with address_of_finn(database, "jörg@example.com"):
        await asked_about(database, who=("person:finn",))
        (row,) = await delivered_to(inbox, database)
    assert (row.state, row.attempts) == ("failed", 1)
    assert "The part before the @" in row.reason
    assert inbox.mails == []


async def test_who_has_no_address_is_told_in_the_app_alone(database: Database) -> None:
    async with address_of_finn(database, ""):
        _, approval = await asked_about(database, who=("person:finn",))
    assert await ledger(database) == []
    async with database.across_tenants() as session:
        told = select(Notification.person_id).where(Notification.approval_id == approval.approval_id)
        assert list(await session.scalars(told)) == ["finn"]


@asynccontextmanager
async def address_of_finn(database: Database, address: str) -> AsyncIterator[None]:
    """Give Finn another email address inside this block."""

    async def move(to: str) -> None:
        async with database.across_tenants() as session:
            await session.execute(update(Person).where(Person.id == "finn").values(email=to))

    await move(address)
    try:
        yield
    finally:
        await move(FINN)


async def test_a_request_that_was_answered_meanwhile_is_dropped_and_not_sent(database: Database) -> None:
    _, approval = await asked_about(database)
    await answered(database, approval, "finn", DecisionKind.APPROVE)
    inbox = Inbox()
    rows = await delivered_to(inbox, database)
    assert {row.person_id: row.state for row in rows} == {"ann": "sent", "fay": "dropped", "finn": "dropped"}
    assert inbox.recipients == [ANN]


async def test_a_retry_that_falls_into_the_quiet_hours_waits_until_they_end(database: Database) -> None:
    await asked_about(database, who=("person:finn",))
    async with database.transaction("default") as session:
        local = await session.scalar(text("SELECT (clock_timestamp() AT TIME ZONE 'Europe/Vienna')"))
        quiet = {"quiet_from": (local - timedelta(hours=1)).time(), "quiet_until": (local + timedelta(hours=3)).time()}
        session.add(EmailPreference(tenant_id="default", person_id="finn", **quiet))

    async def retried() -> Delivery | None:
        (row,) = await ledger(database)
        return row if row.state == "retried" else None

    async with postmen(database, SmtpSender(f"smtp://127.0.0.1:{free_port()}", SENDER)):
        row = await eventually(retried)
        now = (await ledger(database))[0].created_at
    assert timedelta(hours=2, minutes=55) < row.due_at - now < timedelta(hours=3, minutes=1)


async def test_without_a_mail_server_the_mailbox_in_the_database_keeps_the_mail(database: Database) -> None:
    await asked_about(database, who=("person:finn",))
    async with postmen(database, MailboxSender(database)):
        (row,) = await eventually(lambda: settled(database))
    async with database.across_tenants() as session:
        kept = await session.get_one(MailboxEmail, row.id)
    assert (kept.address, row.state) == (FINN, "sent")
    assert "needs your approval" in kept.text
