"""The health page shows how much waits, how long delivery takes, and what failed."""

from datetime import timedelta
from uuid import uuid4

import pytest
from fastapi import FastAPI
from sqlalchemy import text, update
from temporalio.testing import WorkflowEnvironment

from backend.cases.operations.failing_steps import WORKFLOW_CODE, FailedAttempt, note_failure
from backend.database.engine import Database
from backend.database.tables import Case, Delivery
from tests.api.routes.health.test_health import everybody_works
from tests.support.conditions import eventually
from tests.support.html import Element, page_of
from tests.support.outbox import a_case
from tests.support.web import Visitor

QUEUE = "purchasing-workflow"
_SENT = text("""
    UPDATE outbox SET state = 'sent', sent_at = clock_timestamp(), due_at = clock_timestamp() - interval '1 hour',
                      created_at = clock_timestamp() - :waited * interval '1 second' WHERE case_id = :case_id
""")


async def facts(database: Database, browser_of: Visitor) -> dict[str, str]:
    """What the page says of messages, emails and cases."""
    await everybody_works(database)
    page = page_of(await (await browser_of("root")).get("/health"))
    panel = page.one("section[aria-labelledby=h-work]")
    return {fact.one("dt").text: fact.one("dd").text for fact in panel.all("dl > div")}


async def test_the_time_to_delivery_is_that_of_messages_sent_lately(database: Database, browser_of: Visitor) -> None:
    for waited in (2, 4, 30):
        case = await a_case(database)
        async with database.across_tenants() as session:
            await session.execute(_SENT, {"waited": waited, "case_id": case.id})
    found = await facts(database, browser_of)
    assert found["Messages delivered in the last 15 minutes"] == "3"
    assert found["Time to delivery, median"] == "4.0 s"
    assert found["Time to delivery, 95th percentile"] == "27.4 s"


async def test_emails_are_counted_by_what_became_of_them(database: Database, browser_of: Visitor) -> None:
    states = {"queued": 3, "retried": 2, "failed": 1, "sent": 7}
    async with database.across_tenants() as session:
        for state, count in states.items():
            about = {"tenant_id": "default", "person_id": "ann", "event": "requested", "headline": "Desks"}
            session.add_all(Delivery(state=state, unconfirmed=int(state == "sent"), **about) for _ in range(count))
    found = await facts(database, browser_of)
    assert {name: value for name, value in found.items() if name.startswith("Emails")} == {
        "Emails waiting": "5",
        "Emails to be retried": "2",
        "Emails that failed": "1",
        "Emails possibly sent twice, last 24 hours": "7",
    }


async def test_ended_cases_are_counted_by_how_they_ended(database: Database, browser_of: Visitor) -> None:
    ends = ["completed"] * 4 + ["failed"] * 2 + ["terminated", "timed_out", "timed_out"]
    for status in [*ends, "long ago"]:
        case = await a_case(database)
        ago = timedelta(days=2 if status == "long ago" else 0)
        closed = {"status": status, "closed_at": case.opened_at - ago}
        async with database.across_tenants() as session:
            await session.execute(update(Case).where(Case.id == case.id).values(**closed))
    await a_case(database)
    found = await facts(database, browser_of)
    assert {name: value for name, value in found.items() if name.startswith("Cases")} == {
        "Cases ended in the last 24 hours": "9",
        "Cases failed in the last 24 hours": "2",
        "Cases terminated or timed out in the last 24 hours": "3",
    }


async def test_a_process_whose_code_fails_is_among_the_failing_steps(database: Database, browser_of: Visitor) -> None:
    for _ in range(2):
        case = await a_case(database)
        await note_failure(database, FailedAttempt(case.workflow_id, WORKFLOW_CODE, "", 4, "No such level.", None))
    page = page_of(await (await browser_of("root")).get("/health"))
    (row,) = page.all("section[aria-labelledby=h-steps] tbody tr")
    assert [cell.text for cell in row.all("td")][:3] == ["Purchase", "The program of the process", "2"]
    assert "All systems operational" not in page.text


class TestWithTemporal:
    """What waits in the task queues is known only by Temporal."""

    @pytest.fixture
    def app(self, app_with_temporal: FastAPI) -> FastAPI:
        return app_with_temporal

    async def test_a_queue_without_workers_shows_what_waits_and_for_how_long(
        self, time_machine_server: WorkflowEnvironment, browser_of: Visitor
    ) -> None:
        for _ in range(2):
            await time_machine_server.client.start_workflow("Any", id=f"default.any.{uuid4()}", task_queue=QUEUE)
        root = await browser_of("root")

        async def waits() -> list[str] | None:
            panel: Element = page_of(await root.get("/health")).one("section[aria-labelledby=h-queues]")
            (row,) = [row for row in panel.all("tbody tr") if row.all("td")[0].text == QUEUE]
            values = [cell.text for cell in row.all("td")]
            return values if values[4] != "0.0 s" else None

        name, workers, pollers, backlog, oldest = await eventually(waits)
        assert (name, workers, pollers, backlog) == (QUEUE, "0", "0", "2")
        assert oldest.endswith(" s")
