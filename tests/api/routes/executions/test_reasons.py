"""The page of a failed execution says why: at its head, and beside the step that failed."""

from uuid import uuid4

import pytest
from fastapi import FastAPI
from temporalio.testing import WorkflowEnvironment

from tests.support.html import page_of
from tests.support.web import Visitor
from tests.temporal.test_failure_reasons import REASON, refused


@pytest.fixture
def app(app_with_temporal: FastAPI) -> FastAPI:
    """The app, connected to a Temporal server."""
    return app_with_temporal


async def test_the_page_says_why_an_execution_ended(
    time_machine_server: WorkflowEnvironment, browser_of: Visitor
) -> None:
    handle = await refused(time_machine_server.client, f"default.refused.{uuid4()}")
    root = await browser_of("root")
    page = page_of(await root.get(f"/executions/{handle.id}/{handle.first_execution_run_id}"))
    (note,) = [note for note in page.all(".cs-note") if note.one("strong").text == "Why it ended"]
    assert REASON in note.one("p").text
    reasons = {row.one(".cs-main-link").text: REASON in row.text for row in page.all("#history tbody tr")}
    assert reasons == {"Workflow started": False, "Refuse": True, "Workflow closed": True}
