"""Signing in under attack: the owner of an account always gets in, and everything is in the audit log."""

import asyncio
from datetime import timedelta
from typing import Any, NoReturn

import httpx2
import pytest
from fastapi import FastAPI
from sqlalchemy import func, select, text

from backend.api.routes.core.form_tokens import SIGN_IN, FormTokens
from backend.cases.people import sign_in_limits
from backend.cases.people.sign_in_limits import Origin, SignInLimits, TooManyAttempts
from backend.database.engine import Database
from backend.database.tables import AuditRow, SignInAttempts
from tests.support.html import said_in
from tests.support.leftovers import count
from tests.support.postgres import PASSWORD
from tests.support.web import ORIGIN, SECRET, Visitor

ATTACKER, OWNER, HOUSE = "203.0.113.9", "192.0.2.1", "198.51.100.7"


def wrong_password() -> NoReturn:
    raise LookupError


@pytest.fixture(autouse=True)
def slow_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing passes by itself while a password is checked on a busy machine."""
    monkeypatch.setattr(sign_in_limits, "FIRST_WAIT", timedelta(minutes=1))


class Place:
    """A browser at some address."""

    def __init__(self, app: FastAPI, address: str) -> None:
        transport = httpx2.ASGITransport(app, client=(address, 1))
        self.client = httpx2.AsyncClient(transport=transport, base_url=ORIGIN, headers={"origin": ORIGIN})

    async def sign_in(self, name: str, password: str = PASSWORD) -> int:
        """The status of the answer."""
        return (await self.tried(name, password)).status_code

    async def tried(self, name: str, password: str = PASSWORD) -> httpx2.Response:
        form = {"name": name, "password": password, "form_token": FormTokens([SECRET]).new(SIGN_IN)}
        return await self.client.post("/login", data=form)


async def facts(database: Database, action: str) -> list[dict[str, Any]]:
    async with database.across_tenants() as session:
        found = await session.execute(
            text("SELECT body::jsonb FROM audit WHERE body::jsonb ->> 'action' = :action ORDER BY seq"),
            {"action": action},
        )
        return [row[0] for row in found]


async def test_wrong_passwords_from_elsewhere_do_not_keep_the_owner_out(app: FastAPI) -> None:
    attacker, owner = Place(app, ATTACKER), Place(app, OWNER)
    answers = [await attacker.sign_in("mona", "wrong") for _ in range(14)]
    assert set(answers[:5]) == {422}
    assert answers[-1] == 429
    assert await owner.sign_in("mona") == 303


async def test_who_guesses_waits_longer_each_time_and_reads_how_long(app: FastAPI, database: Database) -> None:
    attacker = Place(app, ATTACKER)
    for _ in range(5):
        assert await attacker.sign_in("mona", "wrong") == 422
    for wait in (60, 120, 240, 480, 900, 900):
        refused = await attacker.tried("mona", "wrong")
        seconds = int(refused.headers["retry-after"])
        assert (refused.status_code, wait - 20 < seconds <= wait) == (429, True), seconds
        assert f"Try again in {seconds} seconds" in said_in(refused)
        async with database.across_tenants() as session:  # the wait passes
            past = text("UPDATE sign_in_attempts SET last_at = last_at - make_interval(secs => :seconds)")
            await session.execute(past, {"seconds": wait})
        assert await attacker.sign_in("mona", "wrong") == 422


async def test_a_right_password_is_refused_too_while_its_place_has_to_wait(app: FastAPI) -> None:
    attacker = Place(app, ATTACKER)
    for _ in range(5):
        await attacker.sign_in("mona", "wrong")
    assert await attacker.sign_in("mona") == 429


async def test_a_known_device_gets_in_though_somebody_guesses_from_the_same_address(app: FastAPI) -> None:
    owner, attacker = Place(app, HOUSE), Place(app, HOUSE)
    assert await owner.sign_in("mona") == 303
    for _ in range(14):
        await attacker.sign_in("mona", "wrong")
    assert await owner.sign_in("mona") == 303
    assert await attacker.sign_in("mona") == 429


async def test_the_mark_of_a_device_counts_for_its_person_alone(app: FastAPI) -> None:
    attacker = Place(app, HOUSE)
    assert await attacker.sign_in("eve") == 303
    for _ in range(5):
        await attacker.sign_in("mona", "wrong")
    assert await attacker.sign_in("mona", "wrong") == 429


async def test_many_names_from_one_address_do_not_lock_out_those_who_are_not_attacked(
    app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sign_in_limits, "FREE_OF_ADDRESS", 6)
    monkeypatch.setattr(sign_in_limits, "SLOWEST_SECONDS", 0.01)
    house = Place(app, HOUSE)
    for number in range(8):
        assert await house.sign_in(f"nobody-{number}", "wrong") == 422
    assert await house.sign_in("mona") == 303


async def test_an_address_with_many_failures_has_few_answers_at_once(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sign_in_limits, "FREE_OF_ADDRESS", 1)
    limits = SignInLimits(database)

    async def one(number: int) -> str:
        try:
            async with limits.attempt(f"nobody-{number}", Origin(ATTACKER)):
                wrong_password()
        except LookupError:
            return "answered"
        except TooManyAttempts:
            return "refused"

    await one(0)
    answers = await asyncio.gather(*(one(number) for number in range(1, 30)))
    assert answers.count("answered") == sign_in_limits.AT_ONCE_OF_ADDRESS


async def test_two_web_processes_count_together(database: Database) -> None:
    one, other = SignInLimits(database), SignInLimits(database)

    async def fail(limits: SignInLimits) -> None:
        async with limits.attempt("mona", Origin(ATTACKER)):
            raise LookupError

    for limits in (one, other, one, other, one):
        with pytest.raises(LookupError):
            await fail(limits)
    with pytest.raises(TooManyAttempts):
        await fail(other)


async def test_many_attempts_at_the_same_instant_are_counted_one_by_one(database: Database) -> None:
    limits = SignInLimits(database)

    async def one() -> bool:
        try:
            async with limits.attempt("mona", Origin(ATTACKER)):
                wrong_password()
        except LookupError:
            return True
        except TooManyAttempts:
            return False

    assert sum(await asyncio.gather(*(one() for _ in range(40)))) == sign_in_limits.FREE


@pytest.mark.parametrize(
    ("address", "network"),
    [("192.0.2.1", "192.0.2.1"), ("2001:db8::1", "2001:db8::/64"), ("2001:db8::2", "2001:db8::/64"), ("", "")],
)
def test_addresses_of_one_house_are_one_place(address: str, network: str) -> None:
    assert Origin(address).network == network


async def test_what_is_counted_names_nobody_and_is_forgotten(app: FastAPI, database: Database) -> None:
    attacker, owner = Place(app, ATTACKER), Place(app, OWNER)
    for number in range(10):
        await attacker.sign_in(f"nobody-{number}", "wrong")
    async with database.across_tenants() as session:
        keys = list(await session.scalars(select(SignInAttempts.key)))
        assert len(keys) == 11
        assert all(len(key) == 64 and "nobody" not in key for key in keys)
        await session.execute(text("UPDATE sign_in_attempts SET last_at = last_at - interval '61 minutes'"))
    await owner.sign_in("mona")
    async with database.across_tenants() as session:
        assert await session.scalar(select(func.max(SignInAttempts.failures))) == 0  # that of the address


async def test_sign_ins_and_failures_are_in_the_audit_log(app: FastAPI, database: Database) -> None:
    attacker, owner = Place(app, ATTACKER), Place(app, OWNER)
    for _ in range(7):
        await attacker.sign_in("mona", "wrong")
    await owner.sign_in("mona")
    await owner.sign_in("mona")
    refused, started = await facts(database, "session.refuse"), await facts(database, "session.start")
    assert [(each["actor"], each["subject"], each["failures"]) for each in refused] == [
        ("anonymous", "mona", number) for number in range(1, 6)
    ]
    assert {each["address"] for each in refused} == {ATTACKER}
    assert [(each["actor"], each["address"], each["known_device"]) for each in started] == [
        ("mona", OWNER, False),
        ("mona", OWNER, True),
    ]
    assert PASSWORD not in str(started) + str(refused)


async def test_names_that_do_not_exist_leave_nothing_in_the_audit_log(app: FastAPI, database: Database) -> None:
    before = await count(database, AuditRow)
    for number in range(3):
        await Place(app, ATTACKER).sign_in(f"nobody-{number}", "wrong")
    assert await count(database, AuditRow) == before


async def test_new_tokens_are_in_the_audit_log(program_of: Visitor, database: Database) -> None:
    await program_of("ann")
    (created,) = await facts(database, "token.create")
    assert (created["actor"], created["subject"], created["name"]) == ("command line", "ann", "test")
