"""The page of a case says what keeps it from going on."""

from backend.cases.operations.failing_steps import WORKFLOW_CODE, FailedAttempt, note_failure
from backend.database.engine import Database
from tests.support.html import page_of
from tests.support.outbox import a_case
from tests.support.web import Visitor


async def test_failing_workflow_code_is_said_with_its_error_and_without_a_next_attempt(
    database: Database, browser_of: Visitor
) -> None:
    case = await a_case(database)
    await note_failure(database, FailedAttempt(case.workflow_id, WORKFLOW_CODE, "", 4, "KeyError: no such level", None))
    page = page_of(await (await browser_of("ann")).get(f"/cases/{case.reference}"))
    said = page.one(".cs-note-bad").text
    assert said.startswith("This case has been unable to continue since ")
    assert "because of an error in its program. KeyError: no such level" in said
    assert said.endswith("4 attempts failed. It continues by itself once the program is corrected.")
