"""The pages of an execution can be translated in every view; the execution is one of a real Temporal."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from fastapi import FastAPI

from backend.api.main import create_app
from backend.embedded.postgres import EmbeddedPostgres
from backend.temporal.execution_view import View
from tests.support.purchases import purchase
from tests.support.temporal import Desk
from tests.support.untranslated import PSEUDO, untranslated
from tests.support.web import Visitor, web_settings


@pytest.fixture
async def app(cluster: EmbeddedPostgres, desk: Desk, tmp_path: Path) -> AsyncIterator[FastAPI]:
    """The app, connected to the Temporal server of the desk."""
    address = desk.client.service_client.config.target_host
    settings = web_settings(cluster.app_url, tmp_path).model_copy(update={"temporal_address": address})
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        yield app


async def test_an_execution_can_be_translated_in_every_view(browser_of: Visitor, desk: Desk) -> None:
    case = await desk.open()
    await desk.approval(case, "manager")
    run_id = (await desk.started(case)).run_id
    root = await browser_of("root")
    views = [f"/executions/{case.workflow_id}/{run_id}?view={view.value}" for view in View]
    # Names of people, tenant, case and code; a timeline has the titles of activities in one text with their results.
    data = ["Ann Berger", "Ruth Root", "Default", purchase()["title"], case.workflow_id, case.reference, "JSON"]
    data.append("Open approval")
    found = {}
    for path in ["/executions", *views]:
        page = await root.get(path, headers=PSEUDO)
        assert page.status_code == 200, page.text
        assert case.workflow_id in page.text
        found[path] = untranslated(page.text, data)
    assert {path: texts for path, texts in found.items() if texts} == {}
