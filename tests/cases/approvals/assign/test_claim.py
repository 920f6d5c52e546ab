"""A claim says who works on an approval; it decides nothing and locks nobody out."""

import asyncio

import pytest

from backend.cases.approvals.assign.claim import NotYourClaim, claim, release
from backend.cases.approvals.decide.decide import Channel, Decision, decide
from backend.cases.core.errors import AlreadyDecided, ClaimedByAnother, FourEyes, NotFound
from backend.cases.core.journal import journal_of
from backend.database.engine import Database
from backend.database.tables import Approval
from backend.kit.approval import DecisionKind
from backend.processes import by_key
from tests.support.approvals import asked_about
from tests.support.cast import person


async def test_a_claim_is_seen_taken_over_and_told(database: Database) -> None:
    case, approval = await asked_about(database)
    finn, fay = await person(database, "finn"), await person(database, "fay")
    for _ in range(2):
        claimed = await claim(database, by_key(), approval.approval_id, by=finn)
        assert claimed.approval.claimed_by == "finn"
    with pytest.raises(NotYourClaim):
        await release(database, by_key(), approval.approval_id, by=fay)
    await claim(database, by_key(), approval.approval_id, by=fay)
    for _ in range(2):
        released = await release(database, by_key(), approval.approval_id, by=fay)
        assert (released.approval.claimed_by, released.approval.claimed_at) == (None, None)
    async with database.transaction("default") as session:
        told = [(line.actor, line.sentence) for line in await journal_of(session, case.id) if line.kind != "sent"]
    assert told[:3] == [
        ("fay", "released this: finance."),
        ("fay", "took this over from Finn Aalto: finance."),
        ("finn", "works on this: finance."),
    ]


async def test_another_who_is_asked_may_still_decide(database: Database) -> None:
    _, approval = await asked_about(database)
    finn, fay = await person(database, "finn"), await person(database, "fay")
    await claim(database, by_key(), approval.approval_id, by=finn)
    await decide(
        database, by_key(), approval.approval_id, Decision(DecisionKind.APPROVE, 1), by=fay, channel=Channel.API
    )
    with pytest.raises(AlreadyDecided) as refused:
        await claim(database, by_key(), approval.approval_id, by=finn)
    assert (refused.type, refused.value.by) == (AlreadyDecided, "Fay Nowak")


async def test_where_a_claim_binds_others_decide_once_they_have_taken_it_over(database: Database) -> None:
    _, approval = await asked_about(database, claim_binds=True)
    finn, fay = await person(database, "finn"), await person(database, "fay")
    await claim(database, by_key(), approval.approval_id, by=finn)
    answer = Decision(DecisionKind.APPROVE, 1)
    with pytest.raises(ClaimedByAnother):
        await decide(database, by_key(), approval.approval_id, answer, by=fay, channel=Channel.API)
    with pytest.raises(FourEyes):
        await claim(database, by_key(), approval.approval_id, by=await person(database, "ann"))
    await claim(database, by_key(), approval.approval_id, by=fay)
    with pytest.raises(ClaimedByAnother):
        await decide(database, by_key(), approval.approval_id, answer, by=finn, channel=Channel.API)
    done = await decide(database, by_key(), approval.approval_id, answer, by=fay, channel=Channel.API)
    assert (done.approval.state, done.approval.decided_by) == ("approved", "fay")


async def test_where_a_claim_binds_nobody_has_to_claim_first(database: Database) -> None:
    _, approval = await asked_about(database, claim_binds=True)
    fay = await person(database, "fay")
    await decide(
        database, by_key(), approval.approval_id, Decision(DecisionKind.APPROVE, 1), by=fay, channel=Channel.API
    )


async def test_who_may_not_decide_may_not_claim(database: Database) -> None:
    _, approval = await asked_about(database, requester="finn")
    with pytest.raises(FourEyes):
        await claim(database, by_key(), approval.approval_id, by=await person(database, "finn"))
    with pytest.raises(NotFound):
        await claim(database, by_key(), approval.approval_id, by=await person(database, "eve"))


async def test_of_two_who_claim_at_once_the_last_works_on_it_and_both_are_told(database: Database) -> None:
    case, approval = await asked_about(database)
    both = [await person(database, name) for name in ("finn", "fay")]
    await asyncio.gather(*(claim(database, by_key(), approval.approval_id, by=one) for one in both))
    async with database.transaction("default") as session:
        row = await session.get_one(Approval, approval.approval_id)
        told = [line for line in await journal_of(session, case.id) if line.kind == "claimed"]
    assert row.claimed_by == told[0].actor
    assert ["works on this" in line.sentence for line in told] == [False, True]
