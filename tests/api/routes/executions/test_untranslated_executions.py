"""The pages of an execution can be translated in every view; the execution is one of a real Temporal."""

import pytest
from fastapi import FastAPI

from backend.temporal.execution_view import View
from tests.support.purchases import purchase
from tests.support.temporal import Desk
from tests.support.untranslated import PSEUDO, untranslated
from tests.support.web import Visitor


@pytest.fixture
def app(app_with_temporal: FastAPI) -> FastAPI:
    """The app, connected to the Temporal server of the desk."""
    return app_with_temporal


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
