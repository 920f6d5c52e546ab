"""With `Prefer: wait`, the response comes when the case ends or the wait is over."""

import asyncio
import time
from uuid import UUID

import httpx2
import pytest
from fastapi import FastAPI
from sqlalchemy import select, text

from backend.api.routes.processes.rest import seconds_to_wait
from backend.cases.lifecycle import completion
from backend.cases.lifecycle.report import Report
from backend.cases.lifecycle.workflow_writes import WorkflowWrites
from backend.database.engine import Database
from backend.database.tables import Case
from backend.kit.case import CaseEnd
from backend.kit.progress import Progress
from tests.support.conditions import eventually
from tests.support.web import Visitor

CHECK = "/api/v1/processes/credit_check/cases"
ASKED = {"customer": "Nordwerk Möbel GmbH", "amount": "900.00", "currency": "EUR"}


def ask(client: httpx2.AsyncClient, prefer: str, key: str = "k") -> "asyncio.Task[httpx2.Response]":
    headers = {"idempotency-key": key, "prefer": prefer}
    return asyncio.create_task(client.post(CHECK, json=ASKED, headers=headers))


async def only_case(database: Database) -> UUID:
    """The only case there is."""

    async def find() -> UUID | None:
        async with database.across_tenants() as session:
            found: UUID | None = await session.scalar(select(Case.id))
            return found

    return await eventually(find)


async def end(database: Database, case_id: UUID) -> None:
    """Report the end as the workflow would."""
    ended = CaseEnd(outcome="granted", sentence="Granted.", facts={"Score": "86"})
    await WorkflowWrites(database).report(Report(tenant="default", case_id=case_id, progress=Progress(), end=ended))


async def test_who_waits_is_answered_as_soon_as_the_case_ends(
    program_of: Visitor, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(completion, "LOOK_SECONDS", 30)  # so that only the bell can wake
    waiting = ask(await program_of("finn"), "wait=25")
    await listening(database)
    began = time.monotonic()
    await end(database, await only_case(database))
    answer = await waiting
    assert time.monotonic() - began < 5
    assert (answer.status_code, answer.json()["outcome"]) == (200, "granted")
    assert answer.json()["result"]["facts"] == {"Score": "86"}
    assert answer.headers["preference-applied"] == "wait=25"


async def listening(database: Database) -> None:
    """Wait until a listener for ends is connected."""

    async def find() -> bool:
        async with database.across_tenants() as session:
            asked = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN%countersign_ended%'"
            return bool(await session.scalar(text(asked)))

    await eventually(find)


async def test_a_bell_that_is_not_heard_delays_the_answer_and_no_more(
    program_of: Visitor, app: FastAPI, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(completion, "LOOK_SECONDS", 0.1)
    monkeypatch.setattr(completion, "CHANNEL", "nobody_rings_here")
    waiting = ask(await program_of("finn"), "wait=25")
    await end(database, await only_case(database))
    assert (await waiting).status_code == 200


async def test_after_the_wait_the_case_is_accepted_as_without_it(program_of: Visitor) -> None:
    finn = await program_of("finn")
    answer = await ask(finn, "respond-async, wait=1")
    assert (answer.status_code, answer.json()["result"], answer.headers["preference-applied"]) == (202, None, "wait=1")
    assert "preference-applied" not in (await ask(finn, "return=minimal", "other")).headers


async def test_the_same_key_again_waits_for_the_same_case(program_of: Visitor, database: Database) -> None:
    finn = await program_of("finn")
    first = await ask(finn, "")
    assert first.status_code == 202
    await end(database, await only_case(database))
    again = await ask(finn, "wait=5")
    assert (again.status_code, again.headers["idempotency-replayed"]) == (200, "true")
    assert again.json()["reference"] == first.json()["reference"]


async def test_many_who_wait_hold_no_connection_of_the_pool(program_of: Visitor, app: FastAPI) -> None:
    finn = await program_of("finn")
    waiting = [ask(finn, "wait=2", f"k{number}") for number in range(app.state.web.settings.database_pool_size * 3)]
    await eventually(lambda: waiters(app, len(waiting)))
    began = time.monotonic()
    assert (await finn.get("/api/v1/cases")).status_code == 200
    assert time.monotonic() - began < 1
    assert {answer.status_code for answer in await asyncio.gather(*waiting)} == {202}


async def waiters(app: FastAPI, count: int) -> bool:
    return bool(app.state.web.completion.waiting == count)


@pytest.mark.parametrize(
    ("prefer", "seconds"),
    [
        ("wait=10", 10),
        ("respond-async, wait=10", 10),
        ("respond-async;wait = 3", 3),
        ('Wait="7"', 7),
        ("wait=99999", 30),
        ("wait=0", 0),
        ("wait=-5", 0),
        ("await=5", 0),
        ("wait=soon", 0),
        ("", 0),
    ],
)
def test_the_wish_to_wait_is_read_as_rfc_7240_writes_it(prefer: str, seconds: int) -> None:
    assert seconds_to_wait(prefer) == seconds
