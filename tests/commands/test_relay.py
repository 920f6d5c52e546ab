"""The relay process does each of its jobs by itself, and again and again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, text

from backend.cases.audit.anchors import Anchors
from backend.cases.audit.record import record_fact
from backend.cases.audit.verify import heads
from backend.cases.inbox.bulk import Pick, answer_many
from backend.cases.operations.failing_steps import WORKFLOW_CODE
from backend.cases.operations.heartbeats import who_is_alive
from backend.cases.reconcile import approvals, failures
from backend.commands import relay
from backend.database.engine import Database
from backend.database.tables import Approval, Candidate, Case, Delivery, FailingStep, Notification
from backend.embedded.postgres import EmbeddedPostgres
from backend.kit.approval import ApprovalState, DecisionKind
from backend.processes import by_key
from backend.settings import Settings
from backend.workflows.core.approvals import CaseApprovals
from tests.cases.reconcile.test_failures import failing
from tests.support.approvals import asked_about
from tests.support.cast import person
from tests.support.conditions import eventually
from tests.support.post import settled
from tests.support.temporal import Desk
from tests.support.web import SECRET, web_settings

EVERY = ("FIND_ENDED_SECONDS", "RECONCILE_SECONDS", "WATCH_SECONDS", "ANCHOR_SECONDS")


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rounds of the relay follow each other at once, and look at what happened a moment ago."""
    for name in EVERY:
        monkeypatch.setattr(relay, name, 0.1)
    monkeypatch.setattr(approvals, "GRACE", text("interval '0 seconds'"))
    monkeypatch.setattr(failures, "REPORTS_WITHIN", timedelta(0))


@asynccontextmanager
async def relaying(settings: Settings) -> AsyncIterator[None]:
    """The relay process, inside this block."""
    stop = asyncio.Event()
    running = asyncio.create_task(relay.run_relay(settings, stop))
    try:
        yield
    finally:
        stop.set()
        await running


@pytest.fixture
async def relayed(cluster: EmbeddedPostgres, desk: Desk, tmp_path: Path) -> AsyncIterator[Desk]:
    """A desk, and beside it the relay process with all that it does."""
    address = desk.client.service_client.config.target_host
    settings = web_settings(cluster.app_url, tmp_path).model_copy(update={"temporal_address": address})
    async with relaying(settings):
        yield desk


async def test_while_temporal_is_away_the_rest_is_done(
    cluster: EmbeddedPostgres, database: Database, tmp_path: Path
) -> None:
    _, asked = await asked_about(database)
    await asked_about(database)
    finn = await person(database, "finn")
    await answer_many(database, by_key(), [Pick(asked.approval_id, 1)], DecisionKind.APPROVE, "", by=finn)

    async def decided() -> bool:
        async with database.across_tenants() as session:
            return (await session.get_one(Approval, asked.approval_id)).state == ApprovalState.APPROVED

    async def alive() -> bool:
        async with database.across_tenants() as session:
            return (await who_is_alive(session)).roles.get("relay") == 1

    async with relaying(web_settings(cluster.app_url, tmp_path)):
        await eventually(decided)
        await eventually(alive)
        emails = await eventually(lambda: settled(database))
    assert "sent" in {email.state for email in emails}


async def test_the_audit_log_is_anchored_whenever_it_has_grown(
    cluster: EmbeddedPostgres, database: Database, tmp_path: Path
) -> None:
    anchors = Anchors(tmp_path, [SECRET])
    async with relaying(web_settings(cluster.app_url, tmp_path)):
        for number in (1, 2):
            async with database.transaction("default") as session:
                await record_fact(session, "default", "case.open", "ann", f"PUR-{number}")
            head = (await heads(database))["default"]

            async def anchored(rows: int = head.rows) -> str | None:
                return anchors.read().hashes.get("default", {}).get(rows)

            assert await eventually(anchored) == head.hash


async def test_a_case_that_ended_behind_our_back_is_closed(relayed: Desk) -> None:
    case = await relayed.open()
    await relayed.started(case)
    await relayed.handle(case).terminate("by hand")
    assert (await relayed.ended(case)).status == "terminated"


async def test_an_approval_that_its_workflow_waits_for_is_there(relayed: Desk) -> None:
    case = await relayed.open()
    approval = await relayed.approval(case, "manager")
    async with relayed.database.transaction("default") as session:
        for table in (Candidate, Notification, Delivery):
            await session.execute(delete(table).where(table.approval_id == approval.id))
        await session.execute(delete(Approval).where(Approval.id == approval.id))
    assert (await relayed.approval(case, "manager")).id == approval.id


async def test_workflow_code_that_fails_is_found(relayed: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise KeyError("no such level")

    async def found() -> FailingStep | None:
        return await failing(relayed.database, case)

    case: Case = await relayed.open()
    await relayed.approval(case, "manager")
    monkeypatch.setattr(CaseApprovals, "_mark", broken)
    await relayed.answer(case, "manager", "mona")
    row = await eventually(found, seconds=40)
    assert (row.activity_id, "no such level" in row.reason) == (WORKFLOW_CODE, True)
    monkeypatch.undo()
    await relayed.handle(case).terminate()
