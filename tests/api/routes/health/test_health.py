"""Health says what is wrong: missing and hung processes, failing steps, what waits; to people and to machines."""

import re
from datetime import timedelta

from fastapi import FastAPI
from sqlalchemy import text, update

from backend.cases.operations.failing_steps import WORKFLOW_CODE, FailedAttempt, note_failure
from backend.cases.operations.heartbeats import Pulse, who_is_alive
from backend.cases.outbox.outbox import Message
from backend.database.engine import Database
from backend.database.tables import Case, Heartbeat
from backend.processes import by_key
from tests.api.routes.health.test_metrics import with_token
from tests.support.html import page_of, said_in
from tests.support.outbox import a_case
from tests.support.web import Visitor, visitor_of

QUEUES = sorted({queue for process in by_key().values() for queue in process.queues})


async def everybody_works(database: Database) -> None:
    """A relay, and a worker on every queue."""
    await Pulse(database, "relay").beat()
    await Pulse(database, "worker", QUEUES).beat()


async def silent_for(database: Database, seconds: int) -> None:
    """Nobody has said anything for that long."""
    async with database.across_tenants() as session:
        earlier = Heartbeat.seen_at - timedelta(seconds=seconds)
        await session.execute(update(Heartbeat).values(seen_at=earlier))


async def test_without_workers_it_is_degraded_and_names_the_queues(database: Database, browser_of: Visitor) -> None:
    nobody = await browser_of("")
    assert (await nobody.get("/readyz")).json() == {"status": "degraded", "without_worker": QUEUES}
    await everybody_works(database)
    answer = await nobody.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready"})
    await silent_for(database, 21)
    assert (await nobody.get("/readyz")).json()["status"] == "degraded"


async def test_the_page_names_who_is_missing_and_since_when(database: Database, browser_of: Visitor) -> None:
    await everybody_works(database)
    root = await browser_of("root")
    assert "is responding on" not in said_in(await root.get("/health"))
    await silent_for(database, 60)
    page = said_in(await root.get("/health"))
    assert "No worker is responding on content-activity, content-workflow" in page
    assert "The relay is not responding" in page
    assert re.search(r"Processes that stopped responding.*relay \d+ \(", page)
    assert "All systems operational" not in page


async def test_failing_steps_are_listed_counted_and_measured(
    app: FastAPI, database: Database, browser_of: Visitor
) -> None:
    await everybody_works(database)
    for step in ("issue_purchase_order", "issue_purchase_order", "reserve_budget"):
        case = await a_case(database)
        await note_failure(database, FailedAttempt(case.workflow_id, "1", step, 4, "It is away.", None))
    root = await browser_of("root")
    panel = page_of(await root.get("/health")).one("section[aria-labelledby=h-steps]")
    assert [row.text for row in panel.all("tbody tr td:nth-child(2)")] == ["Issue purchase order", "Reserve budget"]
    assert [row.text for row in panel.all("tbody tr td:nth-child(3)")] == ["2", "1"]
    with_token(app, "a token for prometheus")
    async with visitor_of(app, authorization="Bearer a token for prometheus") as monitor:
        measured = (await monitor.get("/metrics")).text
    assert 'countersign_steps_failing{process="purchase_approval",step="issue_purchase_order"} 2.0' in measured
    assert 'countersign_workers{queue="purchasing-workflow"} 1.0' in measured
    assert "countersign_relays 1.0" in measured


async def test_failing_workflow_code_is_said_and_measured(
    app: FastAPI, database: Database, browser_of: Visitor
) -> None:
    await everybody_works(database)
    case = await a_case(database)
    await note_failure(database, FailedAttempt(case.workflow_id, WORKFLOW_CODE, "", 4, "KeyError: no such level", None))
    page = page_of(await (await browser_of("root")).get("/health"))
    cells = [cell.text for cell in page.all("section[aria-labelledby=h-steps] tbody td")]
    assert cells[:3] == ["Purchase", "The program of the process", "1"]
    assert "All systems operational" not in page.text
    with_token(app, "a token for prometheus")
    async with visitor_of(app, authorization="Bearer a token for prometheus") as monitor:
        measured = (await monitor.get("/metrics")).text
    assert 'countersign_steps_failing{process="purchase_approval",step=' in measured


async def test_what_waits_is_counted_with_its_age(database: Database, browser_of: Visitor) -> None:
    await a_case(database, Message.RECALL)
    async with database.across_tenants() as session:
        await session.execute(text("UPDATE outbox SET created_at = created_at - interval '90 seconds'"))
    page = said_in(await (await browser_of("root")).get("/health"))
    assert "Messages waiting 2" in page
    assert "Oldest waiting 1 min" in page
    assert "Messages to Temporal are delayed" in page
    assert "Unknown while Temporal is not responding" in page


async def test_executions_come_from_our_own_records_while_temporal_is_away(
    database: Database, browser_of: Visitor
) -> None:
    started, waiting = await a_case(database), await a_case(database)
    run = "00000000-0000-0000-0000-000000000001"
    async with database.across_tenants() as session:
        await session.execute(update(Case).where(Case.id == started.id).values(run_id=run))
    root = await browser_of("root")
    answer = await root.get("/executions")
    assert answer.status_code == 200
    assert "This list comes from Countersign's own records, as of" in said_in(answer)
    page = page_of(answer)
    assert f"/executions/{started.workflow_id}/{run}" in page.links
    assert waiting.workflow_id not in page.text
    assert started.workflow_id not in said_in(await root.get("/executions?status=Completed"))
    assert (await root.get("/executions?query=WorkflowType%3D%27X%27")).status_code == 503


async def test_a_process_that_ends_in_order_is_missed_by_nobody(database: Database) -> None:
    pulse = Pulse(database, "worker", ["a"])
    await pulse.beat()
    await pulse.beat()
    async with database.across_tenants() as session:
        assert (await who_is_alive(session)).queues == {"a": 1}
    await pulse.end()
    async with database.across_tenants() as session:
        alive = await who_is_alive(session)
    assert (alive.queues, alive.silent) == ({}, [])


async def test_a_process_that_was_killed_is_replaced_by_the_next(database: Database) -> None:
    killed = Pulse(database, "worker", ["a"])
    await killed.beat()
    async with database.across_tenants() as session:
        await session.execute(text("UPDATE heartbeats SET pid = 2147483646"))
    await Pulse(database, "worker", ["a"]).beat()
    await silent_for(database, 0)
    async with database.across_tenants() as session:
        alive = await who_is_alive(session)
    assert (alive.queues, len(alive.silent)) == ({"a": 1}, 0)
