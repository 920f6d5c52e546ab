"""Every process refuses every invalid input with a plain message at its place, and opens no case."""

import json
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from backend.cases.core.access import may_start
from backend.database.engine import Database
from backend.database.tables import Case, OutboxRow
from backend.kit.process import Process
from backend.processes import PROCESSES
from tests.support.cast import person
from tests.support.hostile import Broken, broken, good
from tests.support.leftovers import count
from tests.support.web import Visitor

CAST = ("ann", "finn", "olga", "edda", "hugo", "root")
# How the validator talks to engineers.
ENGINEERS = ("Input should", "valid dictionary", "Value error", "unable to", "[type=", "pydantic")
EACH = pytest.mark.parametrize("process", PROCESSES, ids=lambda process: process.key)


async def who_may(process: Process, database: Database, program_of: Visitor) -> httpx2.AsyncClient:
    """An API client of a person who can start this process."""
    for name in CAST:
        if may_start(await person(database, name), process):
            return await program_of(name)
    raise AssertionError(f"nobody of the cast may start {process.key}")


async def send(client: httpx2.AsyncClient, process: Process, data: Any, key: str = "k") -> httpx2.Response:
    headers = {"idempotency-key": key, "content-type": "application/json"}
    path = f"/api/v1/processes/{process.key}/cases"
    return await client.post(path, content=json.dumps(data).encode(), headers=headers)


def complaints(bad: Broken, answer: httpx2.Response) -> Iterator[str]:
    """The defects of this refusal."""
    what = f"{bad.what} at {bad.place}"
    if answer.status_code != 422:
        yield f"{what}: {answer.status_code} {answer.text[:200]}"
        return
    told = answer.json()
    if answer.headers["content-type"] != "application/problem+json" or told["code"] != "validation_failed":
        yield f"{what}: {told}"
        return
    pointer = "/" + "/".join(map(str, bad.place))
    about = [each for each in told["errors"] if _concerns(each["pointer"], pointer)]
    if not about:
        yield f"{what}: said of {[each['pointer'] for each in told['errors']]} instead"
    for each in about:
        if not each["message"].strip() or any(word in each["message"] for word in ENGINEERS):
            yield f"{what}: “{each['message']}”"


def _concerns(said: str, place: str) -> bool:
    """Whether the error is at the place, inside it, or at its parent."""
    return said.startswith(place) or place.startswith(f"{said}/")


@EACH
async def test_the_example_of_the_documentation_is_accepted(
    process: Process, program_of: Visitor, database: Database
) -> None:
    answer = await send(await who_may(process, database, program_of), process, good(process.input))
    assert answer.status_code == 202, answer.text


@EACH
async def test_each_bad_input_is_refused_at_its_place_in_plain_words(
    process: Process, program_of: Visitor, database: Database
) -> None:
    client, wrong = await who_may(process, database, program_of), list(broken(process.input))
    assert wrong
    found: list[str] = []
    for bad in wrong:
        found += complaints(bad, await send(client, process, bad.data))
    assert not found, "\n".join(found)
    assert await count(database, Case) == await count(database, OutboxRow) == 0
