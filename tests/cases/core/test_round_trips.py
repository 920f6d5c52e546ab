"""How many statements the common steps of a case take. Each is a round trip; adding one fails a test here."""

import pytest

from backend.cases.approvals.decide.decide import decide
from backend.cases.approvals.request.open_approval import open_approvals
from backend.cases.core.journal import JournalLine
from backend.cases.lifecycle.amend import amend
from backend.cases.lifecycle.case_actions import take_action
from backend.cases.lifecycle.report import Report, report_all
from backend.cases.lifecycle.submission import Source, Submission, open_cases
from backend.cases.lifecycle.withdraw import withdraw
from backend.database.engine import Database
from backend.kit.action import NoInput
from backend.kit.approval import DecisionKind
from backend.kit.case import CaseEnd
from backend.kit.progress import Progress
from backend.processes import by_key
from tests.support.acting import HURRY, offer, processes
from tests.support.approvals import a_case, act_on, answered, asked_about, decision, question_of
from tests.support.cast import person
from tests.support.purchases import purchase
from tests.support.transactions import statements_of


@pytest.mark.parametrize("many", [1, 20])
async def test_opening_cases(database: Database, many: int) -> None:
    process, by = by_key()["purchase_approval"], await person(database, "ann")
    form = process.input.model_validate(purchase())
    submissions = [Submission(process, form, source=Source.API, key=str(key), by=by) for key in range(many)]
    async with database.transaction("default") as session:
        with statements_of(database) as executed:
            await open_cases(session, submissions)
    assert len(executed) == 2, executed


@pytest.mark.parametrize(
    ("end", "statements"), [(None, 2), (CaseEnd(outcome="ordered", sentence="It was ordered."), 5)]
)
async def test_reporting_progress(database: Database, end: CaseEnd | None, statements: int) -> None:
    cases = [await a_case(database) for _ in range(3)]
    line = JournalLine(key="one", kind="note", sentence="Something happened.")
    reports = [
        Report(tenant="default", case_id=case.id, progress=Progress(sentence="on"), lines=[line], end=end)
        for case in cases
    ]
    async with database.transaction("default") as session:
        with statements_of(database) as executed:
            await report_all(session, reports)
    assert len(executed) == statements, executed


async def test_opening_an_approval(database: Database) -> None:
    case = await a_case(database)
    async with database.transaction("default") as session:
        with statements_of(database) as executed:
            await open_approvals(session, [question_of(case, working_time=True)])
    assert len(executed) == 9, executed


async def test_deciding(database: Database) -> None:
    _, opened = await asked_about(database)
    by = await person(database, "finn")
    with statements_of(database) as executed:
        await act_on(database, opened.approval_id, by, decide, decision(DecisionKind.APPROVE, 1, "fine"))
    assert len(executed) == 11, executed


async def test_amending(database: Database) -> None:
    case, opened = await asked_about(database)
    await answered(database, opened, "finn", DecisionKind.SEND_BACK)
    form, by = by_key()["purchase_approval"].input.model_validate(purchase("999.00")), await person(database, "ann")
    with statements_of(database) as executed:
        await amend(database, by_key(), case.reference, form, 1, by=by)
    assert len(executed) == 8, executed


async def test_taking_an_action(database: Database) -> None:
    case = await a_case(database)
    await offer(database, case.reference, [HURRY])
    by = await person(database, "finn")
    with statements_of(database) as executed:
        await take_action(database, processes(), case.reference, HURRY.key, NoInput(), key="k", by=by)
    assert len(executed) == 9, executed


async def test_withdrawing(database: Database) -> None:
    case, _ = await asked_about(database)
    by = await person(database, "ann")
    with statements_of(database) as executed:
        await withdraw(database, by_key(), case.reference, "", by=by)
    assert len(executed) == 12, executed
