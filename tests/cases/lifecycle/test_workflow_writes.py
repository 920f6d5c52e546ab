"""Writes of workflows at the same time form one batch, each is written once, and none fails because of another."""

import asyncio
from uuid import UUID, uuid4

from sqlalchemy import select, update

from backend.cases.approvals.request.open_approval import ApprovalRequest, OpenedApproval
from backend.cases.core.journal import JournalLine
from backend.cases.lifecycle.report import Report, finish
from backend.cases.lifecycle.workflow_writes import WorkflowWrites
from backend.database.engine import Database
from backend.database.tables import Approval, Candidate, Case, JournalEntry, Notification
from backend.kit.approval import ApprovalState, DecisionKind
from backend.kit.case import CaseEnd
from backend.kit.progress import Progress
from tests.support.approvals import a_case, answered, question_of
from tests.support.transactions import transactions_of


async def told(database: Database, event: str) -> list[tuple[UUID | None, str]]:
    """Who was notified of which case."""
    async with database.across_tenants() as session:
        rows = await session.execute(
            select(Notification.case_id, Notification.person_id).where(Notification.event == event)
        )
        return sorted((case, person) for case, person in rows)


async def kept(database: Database, case: Case) -> Case:
    """The current row of the case."""
    async with database.across_tenants() as session:
        return await session.get_one(Case, case.id)


async def lines(database: Database, case: Case, kind: str) -> list[str]:
    """The lines of this kind in the activity of the case."""
    async with database.across_tenants() as session:
        mine = (JournalEntry.case_id == case.id, JournalEntry.kind == kind)
        return list(await session.scalars(select(JournalEntry.sentence).where(*mine).order_by(JournalEntry.id)))


async def asked(workflow_writes: WorkflowWrites, *questions: ApprovalRequest) -> list[OpenedApproval | BaseException]:
    """The results of approval requests made at the same instant."""
    return await asyncio.gather(*map(workflow_writes.open_approval, questions), return_exceptions=True)


async def test_twenty_questions_at_once_are_one_transaction_and_each_is_asked_wholly(database: Database) -> None:
    cases = [await a_case(database) for _ in range(20)]
    with transactions_of(database) as begun:
        answers = await asked(WorkflowWrites(database), *map(question_of, cases))
    assert len(begun) == 1
    opened = {each.approval_id for each in answers if isinstance(each, OpenedApproval)}
    assert len(opened) == 20
    async with database.across_tenants() as session:
        approvals = list(await session.scalars(select(Approval)))
        seats = await session.execute(select(Candidate.approval_id, Candidate.principal))
    assert {each.case_id for each in approvals} == {case.id for case in cases}
    assert {(row.approval_id, row.principal) for row in seats} == {(each, "group:finance") for each in opened}
    assert await told(database, "requested") == sorted((case.id, who) for case in cases for who in ("finn", "fay"))
    for case in cases:
        assert (await kept(database, case)).status == "running"
        assert len(await lines(database, case, "asked")) == 1


async def test_the_same_question_twice_at_once_is_one_approval(database: Database) -> None:
    case = await a_case(database)
    first, again = await asked(WorkflowWrites(database), question_of(case), question_of(case))
    assert isinstance(first, OpenedApproval)
    assert first == again
    assert len(await told(database, "requested")) == 2


async def test_a_question_of_a_case_that_is_not_there_takes_no_other_with_it(database: Database) -> None:
    case, lost = await a_case(database), await a_case(database)
    astray = question_of(lost).model_copy(update={"case_id": uuid4()})
    answer, error = await asked(WorkflowWrites(database), question_of(case), astray)
    assert isinstance(answer, OpenedApproval)
    assert isinstance(error, Exception)


async def test_among_others_a_recalled_case_asks_nobody(database: Database) -> None:
    case, recalled = await a_case(database), await a_case(database)
    async with database.across_tenants() as session:
        gone = {"recall_requested_at": recalled.opened_at, "recall_requested_by": "ann"}
        await session.execute(update(Case).where(Case.id == recalled.id).values(gone))
    stays, withdrawn = await asked(WorkflowWrites(database), question_of(case), question_of(recalled))
    assert isinstance(stays, OpenedApproval)
    assert isinstance(withdrawn, OpenedApproval)
    assert stays.decision is None
    assert withdrawn.decision is not None
    assert withdrawn.decision.verdict is ApprovalState.WITHDRAWN
    assert {case_id for case_id, _ in await told(database, "requested")} == {case.id}


def news(case: Case, sentence: str, **more: object) -> Report:
    """A progress report of a workflow."""
    line = JournalLine(key=sentence, kind="note", sentence=sentence)
    return Report(
        tenant="default", case_id=case.id, progress=Progress(sentence=sentence), lines=[line]
    ).model_copy(update=more)  # fmt: skip


async def test_reports_of_many_cases_are_one_transaction_and_those_of_one_stay_in_order(database: Database) -> None:
    cases = [await a_case(database) for _ in range(10)]
    workflow_writes = WorkflowWrites(database)
    with transactions_of(database) as begun:
        await asyncio.gather(*(workflow_writes.report(news(case, words)) for words in ("one", "two") for case in cases))
    assert len(begun) == 2
    for case in cases:
        assert (await kept(database, case)).progress["sentence"] == "two"
        assert await lines(database, case, "note") == ["one", "two"]


async def test_an_end_is_told_to_those_who_approved_if_the_workflow_says_so(database: Database) -> None:
    cases, workflow_writes = [await a_case(database) for _ in range(2)], WorkflowWrites(database)
    for case in cases:
        await answered(database, await workflow_writes.open_approval(question_of(case)), "finn", DecisionKind.APPROVE)
    end = CaseEnd(outcome="ordered", sentence="It was ordered.")
    with_finn, without = cases
    ends = [news(case, "over", end=end, tells_approvers=case is with_finn) for case in cases]
    await asyncio.gather(*map(workflow_writes.report, ends))
    assert await told(database, "ended") == sorted([(with_finn.id, "ann"), (with_finn.id, "finn"), (without.id, "ann")])
    await workflow_writes.report(news(with_finn, "and on"))
    over = await kept(database, with_finn)
    assert (over.status, over.outcome, over.progress["sentence"]) == ("completed", "ordered", "over")


async def test_what_a_case_still_asks_is_closed_when_it_ends(database: Database) -> None:
    case, other = await a_case(database), await a_case(database)
    workflow_writes = WorkflowWrites(database)
    for each in (case, other):
        await workflow_writes.open_approval(question_of(each))
    await workflow_writes.report(news(case, "over", end=CaseEnd(outcome="ordered")))
    async with database.across_tenants() as session:
        rows = await session.execute(select(Approval.case_id, Approval.state))
    assert {row.case_id: row.state for row in rows} == {case.id: "not_needed", other.id: "open"}


async def test_a_case_that_is_over_asks_nobody(database: Database) -> None:
    case, other = await a_case(database), await a_case(database)
    workflow_writes = WorkflowWrites(database)
    async with database.transaction("default") as session:
        over = await session.get_one(Case, case.id, with_for_update=True)
        await finish(session, over, None, "terminated")
    late, in_time = await asked(workflow_writes, question_of(case), question_of(other))
    assert isinstance(late, OpenedApproval)
    assert isinstance(in_time, OpenedApproval)
    assert late.decision is not None
    assert late.decision.verdict is ApprovalState.WITHDRAWN
    assert (await kept(database, case)).status == "terminated"
    assert {case_id for case_id, _ in await told(database, "requested")} == {other.id}
