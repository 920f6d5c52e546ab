"""A claim shows who works on an approval; it decides nothing and excludes nobody."""

import asyncio

import pytest

from backend.cases.approvals.assign.claim import NotYourClaim, claim, release
from backend.cases.approvals.core.errors import AlreadyDecided, ClaimedByAnother, FourEyes
from backend.cases.approvals.decide.decide import decide
from backend.cases.approvals.request.open_approval import OpenedApproval
from backend.cases.core.errors import NotFound
from backend.cases.core.journal import journal_of
from backend.database.engine import Database
from backend.database.tables import Approval
from backend.kit.approval import DecisionKind
from tests.support.approvals import act_on, asked_about, decision
from tests.support.cast import person


async def row_of(database: Database, approval: OpenedApproval) -> Approval:
    async with database.transaction("default") as session:
        return await session.get_one(Approval, approval.approval_id)


async def test_a_claim_is_seen_taken_over_and_told(database: Database) -> None:
    case, approval = await asked_about(database)
    finn, fay = await person(database, "finn"), await person(database, "fay")
    for _ in range(2):
        await act_on(database, approval.approval_id, finn, claim)
        assert (await row_of(database, approval)).claimed_by == "finn"
    with pytest.raises(NotYourClaim):
        await act_on(database, approval.approval_id, fay, release)
    await act_on(database, approval.approval_id, fay, claim)
    for _ in range(2):
        await act_on(database, approval.approval_id, fay, release)
        row = await row_of(database, approval)
        assert (row.claimed_by, row.claimed_at) == (None, None)
    async with database.transaction("default") as session:
        told = [(line.actor, line.sentence) for line in await journal_of(session, case.id) if line.kind != "sent"]
    assert told[:3] == [
        ("fay", "released this (Finance)."),
        ("fay", "took this over from Finn Aalto (Finance)."),
        ("finn", "claimed this (Finance)."),
    ]


async def test_another_who_is_asked_may_still_decide(database: Database) -> None:
    _, approval = await asked_about(database)
    finn, fay = await person(database, "finn"), await person(database, "fay")
    await act_on(database, approval.approval_id, finn, claim)
    await act_on(database, approval.approval_id, fay, decide, decision(DecisionKind.APPROVE, 1))
    with pytest.raises(AlreadyDecided) as refused:
        await act_on(database, approval.approval_id, finn, claim)
    assert (refused.type, refused.value.by) == (AlreadyDecided, "Fay Nowak")


async def test_where_a_claim_binds_others_decide_once_they_have_taken_it_over(database: Database) -> None:
    _, approval = await asked_about(database, claim_binds=True)
    finn, fay = await person(database, "finn"), await person(database, "fay")
    await act_on(database, approval.approval_id, finn, claim)
    answer = decision(DecisionKind.APPROVE, 1)
    with pytest.raises(ClaimedByAnother):
        await act_on(database, approval.approval_id, fay, decide, answer)
    with pytest.raises(FourEyes):
        await act_on(database, approval.approval_id, await person(database, "ann"), claim)
    await act_on(database, approval.approval_id, fay, claim)
    with pytest.raises(ClaimedByAnother):
        await act_on(database, approval.approval_id, finn, decide, answer)
    done = await act_on(database, approval.approval_id, fay, decide, answer)
    assert (done.locked.approval.state, done.locked.approval.decided_by) == ("approved", "fay")


async def test_where_a_claim_binds_nobody_has_to_claim_first(database: Database) -> None:
    _, approval = await asked_about(database, claim_binds=True)
    fay = await person(database, "fay")
    done = await act_on(database, approval.approval_id, fay, decide, decision(DecisionKind.APPROVE, 1))
    assert (done.locked.approval.state, done.locked.approval.decided_by) == ("approved", "fay")


async def test_who_may_not_decide_may_not_claim(database: Database) -> None:
    _, approval = await asked_about(database, requester="finn")
    with pytest.raises(FourEyes):
        await act_on(database, approval.approval_id, await person(database, "finn"), claim)
    with pytest.raises(NotFound):
        await act_on(database, approval.approval_id, await person(database, "eve"), claim)


async def test_of_two_who_claim_at_once_the_last_works_on_it_and_both_are_told(database: Database) -> None:
    case, approval = await asked_about(database)
    both = [await person(database, name) for name in ("finn", "fay")]
    await asyncio.gather(*(act_on(database, approval.approval_id, one, claim) for one in both))
    async with database.transaction("default") as session:
        row = await session.get_one(Approval, approval.approval_id)
        told = [line for line in await journal_of(session, case.id) if line.kind == "claimed"]
    assert row.claimed_by == told[0].actor
    assert ["claimed this" in line.sentence for line in told] == [False, True]
