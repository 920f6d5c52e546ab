"""Bulk decisions: each approval is decided once and on its own, even across crashes, with a correct result."""

import asyncio
from decimal import Decimal
from uuid import uuid4

import pytest
from sqlalchemy import func, select, update

from backend.cases.approvals.consult.advice import request_advice
from backend.cases.approvals.core.errors import NotInBulk
from backend.cases.approvals.decide.decide import decide
from backend.cases.core.errors import CaseError, CommentNeeded, NotFound
from backend.cases.inbox.bulk import NothingPicked, Pick, TooManyPicked, job_of, pick, start
from backend.cases.inbox.bulk_runner import BulkRunner
from backend.cases.inbox.bulk_view import BulkView, bulk_view
from backend.database.engine import Database
from backend.database.tables import Approval, BulkItem, BulkJob, Case, CaseVersion, OutboxRow, Person, RecordedDecision
from backend.kit.approval import DecisionKind
from backend.processes import by_key
from tests.support.approvals import act_on, asked_about, decision
from tests.support.cast import person
from tests.support.purchases import purchase


class Killed(Exception):
    """The bulk runner was killed."""


class Dying(BulkRunner):
    """A bulk runner that dies between a decision and its record."""

    async def decide_one(self, item: BulkItem, job: BulkJob) -> None:
        await super().decide_one(item, job)
        raise Killed


async def some(database: Database, count: int, **step: object) -> list[Pick]:
    """This many purchases that need approval by finance, as picked in a list."""
    return [Pick((await asked_about(database, **step))[1].approval_id, 1) for _ in range(count)]


async def run(database: Database) -> None:
    """Run the bulk jobs until none is left."""
    runner = BulkRunner(database, by_key())
    while await runner.some():
        pass


async def view_of(database: Database, job: object, name: str = "finn") -> BulkView:
    me = await person(database, name)
    async with database.transaction("default") as session:
        return await bulk_view(session, await job_of(session, job, me), by_key(), me)


async def test_each_is_decided_and_those_that_changed_or_closed_are_told(database: Database) -> None:
    finn, fay = await person(database, "finn"), await person(database, "fay")
    picks = await some(database, 5)
    async with database.transaction("default") as session:
        stale = await session.get_one(Approval, picks[1].approval_id)
        newer = purchase("999.00")
        session.add(CaseVersion(tenant_id="default", case_id=stale.case_id, version=2, input=newer, edited_by="ann"))
        await session.execute(update(Case).where(Case.id == stale.case_id).values(version=2, input=newer, amount=999))
    job = await pick(database, by_key(), picks, by=finn)
    draft = await view_of(database, job)
    assert (len(draft.counting), len(draft.left_out), draft.sums) == (4, 1, {"EUR": Decimal(4 * 480)})
    assert "999" in draft.left_out[0].changes[-1].after
    await act_on(database, picks[2].approval_id, fay, decide, decision(DecisionKind.REJECT, 1, "no"))
    await start(database, job, DecisionKind.APPROVE, "Fine.", by=finn)
    await run(database)
    view = await view_of(database, job)
    assert (view.progress.decided, view.progress.refused, view.progress.over) == (3, 2, True)
    assert [row.item.code for row in view.rows] == ["", "stale_version", "already_decided", "", ""]
    assert [row.approval.state for row in view.rows] == ["approved", "open", "rejected", "approved", "approved"]
    assert "999" in view.rows[1].item.differences[-1]["after"]
    async with database.transaction("default") as session:
        channels = set(
            await session.scalars(select(RecordedDecision.channel).where(RecordedDecision.person_id == "finn"))
        )
        assert channels == {"bulk"}


async def test_starting_twice_and_running_twice_decides_once(database: Database) -> None:
    finn = await person(database, "finn")
    picks = await some(database, 6)
    job = await pick(database, by_key(), picks, by=finn)
    await asyncio.gather(*(start(database, job, DecisionKind.APPROVE, "", by=finn) for _ in range(3)))
    await asyncio.gather(*(run(database) for _ in range(3)))
    async with database.transaction("default") as session:
        told = await session.scalar(select(func.count()).where(OutboxRow.kind == "decide"))
        votes = await session.scalar(select(func.count()).select_from(RecordedDecision))
    assert (told, votes, (await view_of(database, job)).progress.decided) == (6, 6, 6)


async def test_a_runner_that_dies_after_a_decision_leaves_it_to_the_next(database: Database) -> None:
    finn = await person(database, "finn")
    picks = await some(database, 3)
    job = await pick(database, by_key(), picks, by=finn)
    await start(database, job, DecisionKind.APPROVE, "", by=finn)
    with pytest.raises(Killed):
        await Dying(database, by_key()).some()
    assert (await view_of(database, job)).progress.waiting == 3
    await run(database)
    view = await view_of(database, job)
    assert [(row.item.state, row.approval.state) for row in view.rows] == [("decided", "approved")] * 3


async def test_four_eyes_and_the_policy_hold_in_bulk(database: Database) -> None:
    finn = await person(database, "finn")
    own = (await asked_about(database, requester="finn"))[1].approval_id
    alone = (await asked_about(database, bulk=False))[1].approval_id
    foreign = (await asked_about(database, who=("person:mona",)))[1].approval_id
    both = (await asked_about(database, needed=2))[1].approval_id
    job = await pick(database, by_key(), [Pick(key, 1) for key in (own, alone, foreign, both)], by=finn)
    assert [row.barred for row in (await view_of(database, job)).rows] == [
        "You requested or changed this, so somebody else has to decide.",
        "This approval has to be decided individually.",
        "You are not an approver of this request.",
        "",
    ]
    await start(database, job, DecisionKind.APPROVE, "", by=finn)
    await run(database)
    rows = (await view_of(database, job)).rows
    assert [row.item.code for row in rows] == ["four_eyes", "not_in_bulk", "not_a_candidate", ""]
    assert [row.approval.state for row in rows] == ["open"] * 4
    assert rows[3].item.sentence == "Decision recorded, more are needed."


async def test_whose_advice_is_asked_does_not_decide_in_bulk(database: Database) -> None:
    finn, olga = await person(database, "finn"), await person(database, "olga")
    picks = await some(database, 1)
    await act_on(database, picks[0].approval_id, finn, request_advice, "olga")
    job = await pick(database, by_key(), picks, by=olga)
    draft = await view_of(database, job, "olga")
    assert (draft.counting, draft.left_out[0].barred) == ([], "You are not an approver of this request.")
    await start(database, job, DecisionKind.APPROVE, "", by=olga)
    await run(database)
    row = (await view_of(database, job, "olga")).rows[0]
    assert (row.item.code, row.item.sentence) == ("not_a_candidate", "You are not an approver of this request.")
    assert row.approval.state == "open"


async def test_who_left_decides_nothing_more(database: Database) -> None:
    finn = await person(database, "finn")
    job = await pick(database, by_key(), await some(database, 1), by=finn)
    await start(database, job, DecisionKind.APPROVE, "", by=finn)
    async with database.transaction("default") as session:
        await session.execute(update(Person).where(Person.id == "finn").values(active=False))
    await run(database)
    async with database.transaction("default") as session:
        view = await bulk_view(session, await job_of(session, job, finn), by_key(), finn)
    assert (view.rows[0].item.code, view.rows[0].approval.state) == ("not_allowed", "open")


async def test_what_is_far_above_the_usual_amount_is_shown(database: Database) -> None:
    finn = await person(database, "finn")
    totals = ("100.00", "110.00", "120.00", "900.00")
    keys = [(await asked_about(database, purchase(total)))[1].approval_id for total in totals]
    view = await view_of(database, await pick(database, by_key(), [Pick(key, 1) for key in keys], by=finn))
    assert [str(row.case.amount) for row in view.outliers] == ["900.00"]


async def test_what_cannot_be_started(database: Database) -> None:
    finn, fay = await person(database, "finn"), await person(database, "fay")
    picks = await some(database, 1)
    with pytest.raises(NothingPicked):
        await pick(database, by_key(), [], by=finn)
    with pytest.raises(TooManyPicked):
        await pick(database, by_key(), [Pick(uuid4(), 1) for _ in range(501)], by=finn)
    job = await pick(database, by_key(), picks, by=finn)
    refused: list[tuple[type[CaseError], DecisionKind, str]] = [
        (NotInBulk, DecisionKind.SEND_BACK, "x"),
        (CommentNeeded, DecisionKind.REJECT, " "),
    ]
    for error, choice, comment in refused:
        with pytest.raises(error):
            await start(database, job, choice, comment, by=finn)
    with pytest.raises(NotFound):
        await start(database, job, DecisionKind.APPROVE, "", by=fay)
