"""What the REST routes of cases accept, repeat and refuse, without Temporal."""

import json
from decimal import Decimal
from typing import Any

import httpx2
import pytest
from sqlalchemy import delete

from backend.database.engine import Database
from backend.database.tables import Budget
from backend.kit.text import paragraphs
from tests.support.purchases import purchase
from tests.support.web import Visitor

CASES = "/api/v1/processes/purchase_approval/cases"


async def post(client: httpx2.AsyncClient, form: Any, key: str = "k1") -> httpx2.Response:
    """Open a purchase."""
    return await client.post(CASES, json=form, headers={"idempotency-key": key})


async def open_one(client: httpx2.AsyncClient) -> str:
    """The reference of a new purchase."""
    answer = await post(client, purchase())
    assert answer.status_code == 202, answer.text
    return str(answer.json()["reference"])


async def test_a_case_is_accepted_while_temporal_is_away(program_of: Visitor) -> None:
    ann = await program_of("ann")
    answer = await post(ann, purchase())
    assert (answer.status_code, answer.json()["status"]) == (202, "queued")
    progress = (await ann.get(answer.json()["status_url"])).json()
    assert progress["stale"] is True
    assert [each["key"] for each in progress["milestones"]] == ["sent", "manager", "budget", "order"]


async def test_the_same_key_and_body_open_one_case(program_of: Visitor) -> None:
    ann = await program_of("ann")
    first, second = await post(ann, purchase()), await post(ann, purchase())
    assert first.json()["reference"] == second.json()["reference"]
    assert second.headers["idempotency-replayed"] == "true"
    other = await post(ann, purchase("99.00"))
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert len((await ann.get("/api/v1/cases")).json()["items"]) == 1


async def test_what_was_accepted_is_told_again_though_it_would_be_refused_by_now(
    program_of: Visitor, database: Database
) -> None:
    """A retry after a lost response may come when the date is past or the cost centre is closed."""
    ann, form = await program_of("ann"), purchase(cost_centre="4711")
    async with database.transaction("default") as session:
        session.add(
            Budget(tenant_id="default", cost_centre="4711", name="Fair", amount=Decimal(900), reserved=Decimal())
        )
    first = await post(ann, form)
    async with database.transaction("default") as session:
        await session.execute(delete(Budget).where(Budget.cost_centre == "4711"))
    second = await post(ann, form)
    assert (second.status_code, second.headers.get("idempotency-replayed")) == (202, "true")
    assert second.json()["reference"] == first.json()["reference"]
    assert (await post(ann, purchase("99.00", cost_centre="4711"))).json()["code"] == "idempotency_key_reused"
    assert (await post(ann, form, "k2")).json()["code"] == "validation_failed"


async def test_without_a_key_nothing_is_opened(program_of: Visitor) -> None:
    ann = await program_of("ann")
    answer = await ann.post(CASES, json=purchase())
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_missing")


async def test_all_errors_come_at_once_with_their_places(program_of: Visitor) -> None:
    ann = await program_of("ann")
    wrong = purchase("-1", title="", vendor=7, cost_centre="nowhere")
    answer = await post(ann, wrong)
    places = {each["pointer"] for each in answer.json()["errors"]}
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert {"/title", "/vendor", "/cost_centre", "/items/0/unit_price"} <= places


HOSTILE = [
    "<script>alert(1)</script>",
    "{{ 7*7 }}",
    "'; DROP TABLE cases; --",
    "\u202egnp.exe",
    "a" * 121,
    "\x00",
    "\ud800",
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("field", ["title", "vendor", "justification", "cost_centre", "attachments"])
async def test_hostile_text_is_kept_as_text_or_refused(program_of: Visitor, field: str, text: str) -> None:
    ann = await program_of("ann")
    value = [text] if field == "attachments" else text
    body = json.dumps(purchase(**{field: value})).encode()
    answer = await ann.post(CASES, content=body, headers={"idempotency-key": "k", "content-type": "application/json"})
    assert answer.status_code in {202, 422}, answer.text
    if answer.status_code == 202:
        kept = (await ann.get(f"/api/v1/cases/{answer.json()['reference']}")).json()
        assert kept["input"][field] == paragraphs(text)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"nul", b"[" * 30_000, b'"text"', b"\xff\xfe"])
async def test_a_body_that_is_no_object_is_refused(program_of: Visitor, body: bytes) -> None:
    ann = await program_of("ann")
    answer = await ann.post(CASES, content=body, headers={"idempotency-key": "k"})
    assert (answer.status_code, answer.json()["code"]) == (422, "validation_failed")


async def test_a_body_that_is_too_large_is_refused(program_of: Visitor) -> None:
    ann = await program_of("ann")
    answer = await post(ann, purchase(justification="x" * 60_000))
    assert answer.status_code == 413
    assert (await ann.get("/api/v1/cases")).json()["items"] == []


async def test_who_may_not_start_is_told_so(program_of: Visitor) -> None:
    eve = await program_of("eve")
    answer = await post(eve, purchase())
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")


async def test_unknown_things_are_not_found(program_of: Visitor) -> None:
    ann = await program_of("ann")
    unknown = "01a20d32-4d78-7ffc-8675-ea825c328b49"
    for path in ("processes/none", "cases/PUR-404", f"approvals/{unknown}", "cases/PUR-404/progress", "nothing"):
        answer = await ann.get(f"/api/v1/{path}")
        assert answer.status_code == 404, path
        assert answer.json()["status"] == 404


async def test_a_recall_is_accepted_at_once_and_by_the_requester_alone(program_of: Visitor) -> None:
    ann, mona = await program_of("ann"), await program_of("mona")
    reference = await open_one(ann)
    foreign = await mona.post(f"/api/v1/cases/{reference}/recall", json={"reason": "no"})
    assert foreign.status_code == 404
    answer = await ann.post(f"/api/v1/cases/{reference}/recall", json={"reason": "Not needed."})
    assert answer.status_code == 200
    told = [line["kind"] for line in (await ann.get(f"/api/v1/cases/{reference}/journal")).json()]
    assert "recalled" in told


async def test_comments_are_seen_by_who_sees_the_case(program_of: Visitor) -> None:
    ann, eve = await program_of("ann"), await program_of("eve")
    reference = await open_one(ann)
    said = await ann.post(f"/api/v1/cases/{reference}/comments", json={"text": "By <b>May</b>, please."})
    assert said.status_code == 201
    assert [each["text"] for each in (await ann.get(f"/api/v1/cases/{reference}/comments")).json()] == [
        "By <b>May</b>, please."
    ]
    assert (await eve.get(f"/api/v1/cases/{reference}/comments")).status_code == 404


async def test_openapi_describes_every_operation_of_the_api(program_of: Visitor) -> None:
    ann = await program_of("ann")
    paths = (await ann.get("/api/openapi.json")).json()["paths"]
    assert {"/api/v1/cases", "/api/v1/approvals/{approval_id}/decision", "/api/v1/processes/{process}/cases"} <= set(
        paths
    )
    for path, operations in paths.items():
        for operation in operations.values():
            assert operation["summary"], path


@pytest.mark.parametrize("value", [{}, [], {"a": 1}, 5, True, None])
async def test_a_choice_of_the_wrong_type_is_refused_at_its_place(program_of: Visitor, value: Any) -> None:
    ann = await program_of("ann")
    answer = await post(ann, purchase(cost_centre=value))
    assert answer.status_code == 422
    assert [each["pointer"] for each in answer.json()["errors"]] == ["/cost_centre"]


async def test_text_that_cannot_be_stored_is_refused_wherever_it_comes(program_of: Visitor) -> None:
    ann = await program_of("ann")
    reference = await open_one(ann)
    for answer in (
        await ann.post(f"/api/v1/cases/{reference}/comments", json={"text": "a\0b"}),
        await ann.post(f"/api/v1/cases/{reference}/recall", json={"reason": "a\0b"}),
        await ann.get("/api/v1/cases", params={"q": "a\0b"}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (422, "unstorable_text")


async def test_metrics_count_work_and_requests_and_name_nobody(program_of: Visitor) -> None:
    ann, root = await program_of("ann"), await program_of("root")
    path = "/api/v1/processes/purchase_approval/cases"
    opened = await ann.post(path, json=purchase(), headers={"idempotency-key": "metrics"})
    page = (await root.get("/metrics")).text
    assert 'countersign_cases_running{process="purchase_approval",status="queued"} 1.0' in page
    assert 'countersign_approvals_open{process="purchase_approval"} 0.0' in page
    assert "countersign_outbox_waiting 1.0" in page
    assert 'countersign_request_seconds_count{method="POST",route="api:cases:open",status="2xx"}' in page
    assert opened.json()["reference"] not in page
    assert (await ann.get("/metrics")).status_code == 404
