"""Decisions that are refused: whoever tried, by whatever way, is in the audit log; what has only to be fixed is not."""

from typing import Any

from sqlalchemy import text, update

from backend.cases.inbox.bulk_runner import BulkRunner
from backend.database.engine import Database
from backend.database.tables import Case, CaseVersion
from backend.processes import by_key
from tests.support.approvals import asked_about
from tests.support.purchases import purchase
from tests.support.web import Visitor

LONG = "We need it because the old one is broken, and has been for a year. " * 3


async def refused(database: Database) -> list[dict[str, Any]]:
    """What the audit log has of refused decisions, in order."""
    asked = text("SELECT body::jsonb FROM audit WHERE body::jsonb ->> 'action' = 'approval.refuse' ORDER BY seq")
    async with database.across_tenants() as session:
        return [row[0] for row in await session.execute(asked)]


async def test_each_refusal_is_recorded_with_who_what_and_why(database: Database, program_of: Visitor) -> None:
    case, approval = await asked_about(database)
    where = f"/api/v1/approvals/{approval.approval_id}"
    ann, finn, fay, root = [await program_of(name) for name in ("ann", "finn", "fay", "root")]
    body = {"decision": "approve", "version": 1}
    answers = [
        await ann.post(f"{where}/decision", json=body),
        await finn.post(f"{where}/decision", json={"decision": "approve", "version": 7}),
        await finn.post(f"{where}/decision", json={"decision": "reject", "version": 1}),
        await finn.post(f"{where}/decision", json=body),
        await fay.post(f"{where}/decision", json=body),
        await root.post(f"{where}/override", json={**body, "reason": "because"}),
    ]
    assert [answer.status_code for answer in answers] == [403, 409, 422, 200, 409, 409]
    found = await refused(database)
    assert [(each["actor"], each["choice"], each["code"], each["version"]) for each in found] == [
        ("ann", "approve", "four_eyes", 1),
        ("finn", "approve", "stale_version", 7),
        ("fay", "approve", "already_decided", 1),
        ("root", "override:approve", "already_decided", 1),
    ]
    assert {(each["subject"], each["approval"]) for each in found} == {(case.reference, str(approval.approval_id))}
    assert {each["channel"] for each in found} == {"api"}


async def test_the_result_of_a_bulk_decision_shows_what_changed_in_a_long_text(
    database: Database, program_of: Visitor
) -> None:
    case, approval = await asked_about(database, purchase(justification=LONG))
    newer = purchase(justification=LONG.replace("year", "month"))
    async with database.transaction("default") as session:
        session.add(CaseVersion(tenant_id="default", case_id=case.id, version=2, input=newer, edited_by="ann"))
        await session.execute(update(Case).where(Case.id == case.id).values(version=2, input=newer))
    finn = await program_of("finn")
    body = {"decision": "approve", "items": [{"id": str(approval.approval_id), "version": 1}]}
    key = {"idempotency-key": "once"}
    started = await finn.post("/api/v1/approvals/bulk", json=body, headers=key)
    assert started.status_code == 202
    while await BulkRunner(database, by_key()).some():
        pass
    for answer in (
        await finn.get(started.headers["location"]),
        await finn.post("/api/v1/approvals/bulk", json=body, headers=key),
    ):
        assert answer.status_code in {200, 202}, answer.text
        (item,) = answer.json()["items"]
        assert (item["state"], item["code"]) == ("refused", "stale_version")
        parts = item["differences"][0]["parts"]
        assert [words.strip() for kind, words in parts if kind == "gone"] == ["year."] * 3
    assert [(each["channel"], each["code"]) for each in await refused(database)] == [("bulk", "stale_version")]
