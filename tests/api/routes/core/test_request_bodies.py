"""JSON that programs send: what two readers would read differently, or what cannot be stored, is refused everywhere."""

from uuid import uuid4

import pytest
from fastapi import FastAPI

from backend.api.routes.core.security import SAFE_METHODS
from backend.database.engine import Database
from tests.api.routes.cases.test_rest import open_one
from tests.api.routes.core.test_route_policies import address, all_routes
from tests.support.approvals import asked_about
from tests.support.web import Visitor

JSON = {"content-type": "application/json"}
BAD = {
    "doubled": (b'{"text": "a", "text": "b"}', "\u201ctext\u201d occurs twice"),
    "doubled within": (b'{"text": "a", "more": [{"x": 1, "x": 1}]}', "\u201cx\u201d occurs twice"),
    "lone surrogate": (b'{"text": "\\ud800"}', "half of a character"),
    "lone surrogate in a key": (b'{"\\udfff": 1}', "half of a character"),
    "not a number": (b'{"amount": NaN}', "NaN is not a number"),
    "infinity": (b'{"amount": -Infinity}', "-Infinity is not a number"),
}


@pytest.mark.parametrize("what", BAD)
async def test_json_that_is_ambiguous_or_cannot_be_stored_is_refused_by_every_call(
    app: FastAPI, program_of: Visitor, what: str
) -> None:
    root, (body, words) = await program_of("root"), BAD[what]
    calls = [each for each in all_routes(app) if each.path.startswith("/api/") and each.method not in SAFE_METHODS]
    assert len(calls) > 20
    for route in calls:
        answer = await root.request(route.method, address(route), content=body, headers=JSON)
        assert answer.status_code == 422, route.path
        assert answer.headers["content-type"] == "application/problem+json"
        assert words in answer.json()["detail"], route.path


async def test_a_whole_character_outside_of_the_first_plane_is_kept(program_of: Visitor) -> None:
    ann = await program_of("ann")
    reference = await open_one(ann)
    body = b'{"text": "fine \\ud83d\\ude00"}'
    answer = await ann.post(f"/api/v1/cases/{reference}/comments", content=body, headers=JSON)
    assert answer.status_code == 201
    assert answer.json()["text"] == "fine \U0001f600"


@pytest.mark.parametrize("version", [2**31, 2**63, 10**30, 0, -1])
async def test_a_version_that_no_form_has_is_refused_wherever_one_is_sent(
    program_of: Visitor, database: Database, version: int
) -> None:
    root, approval = await program_of("root"), (await asked_about(database))[1].approval_id
    here = f"/api/v1/approvals/{approval}"
    sent = {
        f"{here}/decision": {"decision": "approve", "version": version},
        f"{here}/override": {"decision": "approve", "reason": "because", "version": version},
        f"{here}/correct": {"input": {}, "version": version},
        "/api/v1/approvals/bulk": {"decision": "approve", "items": [{"id": str(approval), "version": version}]},
    }
    for path, body in sent.items():
        answer = await root.post(path, json=body)
        assert (answer.status_code, answer.json()["code"]) == (422, "validation_failed"), path
    answer = await root.patch("/api/v1/cases/PUR-000001/input", json={"input": {}, "version": version})
    assert answer.status_code == 422


async def test_bulk_of_an_approval_that_does_not_exist_or_is_not_visible_is_not_found(
    program_of: Visitor, browser_of: Visitor, database: Database
) -> None:
    foreign = (await asked_about(database))[1].approval_id
    for key in (uuid4(), foreign):
        body = {"decision": "approve", "items": [{"id": str(key), "version": 1}]}
        answer = await (await program_of("eve")).post("/api/v1/approvals/bulk", json=body)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
        page = await (await browser_of("eve")).post("/approvals/bulk", data={"pick": f"{key}:1"})
        assert page.status_code == 404


@pytest.mark.parametrize("year", ["0", "0001-01-01", "9999-12-31", "20261224", "1766534400"])
async def test_a_holiday_that_is_no_day_of_this_age_is_refused(program_of: Visitor, year: str) -> None:
    root = await program_of("root")
    assert (await root.put(f"/api/v1/calendar/holidays/{year}", json={"name": "Nothing"})).status_code == 422


@pytest.mark.parametrize("path", ["audit?since=0", "audit?until=1766534400", "audit?since=2026"])
async def test_a_number_is_no_day(program_of: Visitor, path: str) -> None:
    root = await program_of("root")
    assert (await root.get(f"/api/v1/{path}")).status_code == 422


@pytest.mark.parametrize(
    "path",
    ["cases?status=bogus", "cases?process=bogus", "executions?status=bogus", "executions?process=bogus"],
)
async def test_a_filter_that_cannot_match_is_refused(program_of: Visitor, path: str) -> None:
    root = await program_of("root")
    assert (await root.get(f"/api/v1/{path}")).status_code == 422


async def test_the_words_that_the_api_returns_are_filters(program_of: Visitor) -> None:
    root = await program_of("root")
    reference = await open_one(await program_of("ann"))
    found = (await root.get("/api/v1/cases?status=queued&process=purchase_approval")).json()["items"]
    assert reference in [each["reference"] for each in found]
    for status in ("completed", "timed_out", "TimedOut"):
        assert (await root.get(f"/api/v1/executions?status={status}")).status_code == 503  # Temporal is away here
