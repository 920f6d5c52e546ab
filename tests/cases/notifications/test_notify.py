"""Notifications: once per key, in the app and by email, at the preferred time."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from backend.cases.notifications.notify import admins_of, notify
from backend.cases.notifications.quiet_hours import digest_at, is_quiet, may_leave_at
from backend.database.engine import Database
from backend.database.tables import Case, Delivery, EmailPreference, Notification
from backend.kit.notification import NotificationEvent
from tests.support.outbox import a_case

VIENNA = ZoneInfo("Europe/Vienna")


async def told(database: Database, case: Case, *to: str, key: str = "k", by: str | None = None) -> list[str]:
    async with database.transaction("default") as session:
        return await notify(session, case, NotificationEvent.REQUESTED, to, key=key, by=by)


async def deliveries(database: Database) -> list[Delivery]:
    async with database.across_tenants() as session:
        return list(await session.scalars(select(Delivery).order_by(Delivery.person_id)))


async def test_each_person_is_told_once_a_key_in_the_app_and_by_mail(database: Database) -> None:
    case = await a_case(database)
    assert await told(database, case, "mona", "finn") == ["finn", "mona"]
    assert await told(database, case, "mona", "fay") == ["fay"]
    assert await told(database, case, "mona", key="another") == ["mona"]
    async with database.across_tenants() as session:
        seen = list(await session.scalars(select(Notification).order_by(Notification.person_id, Notification.at)))
    assert [(row.person_id, row.key) for row in seen] == [
        ("fay", "k"), ("finn", "k"), ("mona", "k"), ("mona", "another"),
    ]  # fmt: skip
    assert seen[0].headline == "Standing desks for the dispatch office needs your approval"
    assert [row.person_id for row in await deliveries(database)] == ["fay", "finn", "mona", "mona"]


async def test_who_did_it_who_left_and_who_is_unknown_are_not_told(database: Database) -> None:
    case = await a_case(database)
    assert await told(database, case, "mona", "ann", "nobody", by="ann") == ["mona"]
    assert await told(database, case, "zoe", key="across the wall") == []


async def test_a_rolled_back_transaction_tells_nobody(database: Database) -> None:
    case = await a_case(database)
    async with database.transaction("default") as session:
        await notify(session, case, NotificationEvent.REQUESTED, ["mona"], key="k")
        await session.rollback()
    assert await deliveries(database) == []


async def test_with_a_daily_digest_mails_are_collected_but_a_digest_of_its_own_leaves_at_once(
    database: Database,
) -> None:
    case = await a_case(database)
    async with database.transaction("default") as session:
        session.add(EmailPreference(tenant_id="default", person_id="mona", daily=True))
    await told(database, case, "mona", key="one")
    async with database.transaction("default") as session:
        await notify(session, None, NotificationEvent.DIGEST, ["mona"], key="overdue:1", note="Three are overdue.")
    found = {row.event: row for row in await deliveries(database)}
    assert (found["requested"].state, found["digest"].state) == ("collected", "queued")
    assert found["requested"].due_at.astimezone(VIENNA).time() == time(8)


async def test_the_administrators_of_a_tenant(database: Database) -> None:
    async with database.transaction("default") as session:
        assert await admins_of(session, "default") == ["root"]


@pytest.mark.parametrize(
    ("clock", "begin", "end", "quiet"),
    [
        ("21:59", "22:00", "07:00", False),
        ("22:00", "22:00", "07:00", True),
        ("03:00", "22:00", "07:00", True),
        ("07:00", "22:00", "07:00", False),
        ("12:30", "12:00", "13:00", True),
        ("13:00", "12:00", "13:00", False),
        ("12:00", "12:00", "12:00", False),
    ],
)
def test_quiet_hours_may_pass_midnight_and_their_end_is_loud(clock: str, begin: str, end: str, *, quiet: bool) -> None:
    assert is_quiet(time.fromisoformat(clock), time.fromisoformat(begin), time.fromisoformat(end)) is quiet


def at(text: str) -> datetime:
    """A moment in Vienna's time zone."""
    return datetime.fromisoformat(text).replace(tzinfo=VIENNA).astimezone(UTC)


def wishes(**given: time | bool) -> EmailPreference:
    return EmailPreference(tenant_id="default", person_id="mona", **given)


def test_a_mail_in_the_quiet_hours_waits_until_they_end_across_a_clock_change() -> None:
    quiet = wishes(quiet_from=time(22), quiet_until=time(7))
    assert may_leave_at(quiet, at("2026-10-24T23:30"), VIENNA) == at("2026-10-25T07:00")
    assert may_leave_at(quiet, at("2026-03-28T23:30"), VIENNA) == at("2026-03-29T07:00")
    assert at("2026-10-25T07:00") - at("2026-10-24T23:30") == timedelta(hours=8, minutes=30)
    assert may_leave_at(quiet, at("2026-11-25T12:00"), VIENNA) == at("2026-11-25T12:00")
    assert may_leave_at(None, at("2026-11-25T23:00"), VIENNA) == at("2026-11-25T23:00")


def test_a_digest_goes_out_at_its_time_and_never_within_the_quiet_hours() -> None:
    daily = wishes(daily=True, daily_at=time(8))
    assert digest_at(daily, at("2026-11-25T07:59"), VIENNA) == at("2026-11-25T08:00")
    assert digest_at(daily, at("2026-11-25T08:00"), VIENNA) == at("2026-11-26T08:00")
    early = wishes(daily=True, daily_at=time(6), quiet_from=time(22), quiet_until=time(7))
    assert digest_at(early, at("2026-11-25T12:00"), VIENNA) == at("2026-11-26T07:00")
