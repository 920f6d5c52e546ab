"""Substitutes: limited by days, processes and amounts; no chains, and four eyes still apply."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from backend.cases.approvals.assign.substitutes import (
    SubstitutionRefused,
    SubstitutionTerms,
    end_substitution,
    set_substitute,
)
from backend.cases.approvals.core.candidates import able_people, decisions_of, people_done
from backend.cases.approvals.core.errors import AnsweredBefore, FourEyes, NotACandidate
from backend.cases.approvals.decide.timers import TimerFired, escalate
from backend.cases.core.errors import NotFound
from backend.cases.inbox.lists import inbox, waiting_count
from backend.database.engine import Database
from backend.database.tables import Approval, JournalEntry, RecordedDecision, Substitution
from backend.kit.approval import DecisionKind
from backend.processes import by_key
from tests.support.approvals import answered, asked_about
from tests.support.cast import person
from tests.support.purchases import purchase

TODAY = datetime.now(UTC).date()


async def stands_in(
    database: Database, absent: str, substitute: str, first: date = TODAY, last: date = TODAY, **limits: object
) -> Substitution:
    """Make a person the substitute of an absent person."""
    mandate = SubstitutionTerms(substitute, first, last + timedelta(days=1), **limits)
    return await set_substitute(database, by_key(), mandate, by=await person(database, absent))


async def test_a_substitute_decides_and_the_record_says_for_whom(database: Database) -> None:
    case, approval = await asked_about(database, who=("person:mona",))
    with pytest.raises(NotFound):
        await answered(database, approval, "olga", DecisionKind.APPROVE)
    await stands_in(database, "mona", "olga")
    await answered(database, approval, "olga", DecisionKind.APPROVE)
    async with database.transaction("default") as session:
        vote = await session.get_one(RecordedDecision, (approval.approval_id, "olga"))
        told = await session.scalar(
            select(JournalEntry.sentence).where(JournalEntry.case_id == case.id, JournalEntry.kind == "approved")
        )
    assert vote.acting_for == "mona"
    assert told == "approved (version 1, Finance) for Mona Lind."


async def test_a_seat_has_one_answer_whoever_gives_it(database: Database) -> None:
    _, approval = await asked_about(database, needed=2)
    await stands_in(database, "fay", "olga")
    await answered(database, approval, "olga", DecisionKind.APPROVE)
    with pytest.raises(AnsweredBefore):
        await answered(database, approval, "fay", DecisionKind.APPROVE)
    await answered(database, approval, "finn", DecisionKind.APPROVE)
    async with database.transaction("default") as session:
        assert (await session.get_one(Approval, approval.approval_id)).state == "approved"


async def test_nobody_answers_twice_once_for_themselves_and_once_for_another(database: Database) -> None:
    _, approval = await asked_about(database, needed=2)
    await stands_in(database, "fay", "finn")
    await answered(database, approval, "finn", DecisionKind.APPROVE)
    with pytest.raises(AnsweredBefore):
        await answered(database, approval, "finn", DecisionKind.APPROVE, version=2)


async def test_who_answered_for_another_is_not_counted_on_again_when_they_are_asked_themselves(
    database: Database,
) -> None:
    olga_too = {"escalation": timedelta(hours=1), "escalate_to": ("person:olga",)}
    _, approval = await asked_about(database, who=("person:fay", "person:finn"), needed=2, **olga_too)
    await stands_in(database, "fay", "olga")
    await answered(database, approval, "olga", DecisionKind.APPROVE)
    await escalate(database, TimerFired(tenant="default", approval_id=approval.approval_id))
    with pytest.raises(AnsweredBefore):
        await answered(database, approval, "olga", DecisionKind.APPROVE, version=2)
    async with database.transaction("default") as session:
        row = await session.get_one(Approval, approval.approval_id)
        left = await able_people(session, row.fixed_policy.who, {"finn"})
        assert set(left) - people_done(await decisions_of(session, row.id)) == set()
        assert (row.state, row.impossible) == ("open", "")


@pytest.mark.parametrize(
    "limits",
    [
        {"processes": ("credit_check",)},
        {"up_to": Decimal(479)},
        {"first": TODAY + timedelta(days=2), "last": TODAY + timedelta(days=3)},
    ],
)
async def test_outside_of_the_mandate_nobody_stands_in(database: Database, limits: dict[str, object]) -> None:
    _, approval = await asked_about(database, purchase("480.00"), who=("person:mona",))
    await stands_in(database, "mona", "olga", **limits)
    with pytest.raises(NotFound):
        await answered(database, approval, "olga", DecisionKind.APPROVE)


async def test_a_mandate_within_its_limits_holds_until_it_is_ended(database: Database) -> None:
    _, approval = await asked_about(database, purchase("480.00"), who=("person:mona",))
    row = await stands_in(database, "mona", "olga", processes=("purchase_approval",), up_to=Decimal(480))
    with pytest.raises(NotFound):
        await end_substitution(database, row.id, by=await person(database, "finn"))
    await end_substitution(database, row.id, by=await person(database, "mona"))
    with pytest.raises(NotFound):
        await answered(database, approval, "olga", DecisionKind.APPROVE)


async def test_a_mandate_is_not_handed_on(database: Database) -> None:
    _, approval = await asked_about(database, who=("person:mona",))
    await stands_in(database, "mona", "olga")
    await stands_in(database, "olga", "hugo")
    with pytest.raises(NotFound):
        await answered(database, approval, "hugo", DecisionKind.APPROVE)


async def test_a_requester_bars_nobody_by_naming_them_as_substitute(database: Database) -> None:
    _, approval = await asked_about(database)
    await stands_in(database, "ann", "finn")
    assert await waits(database, "finn") == {approval.approval_id}
    await answered(database, approval, "finn", DecisionKind.APPROVE)
    async with database.transaction("default") as session:
        decision = await session.get_one(RecordedDecision, (approval.approval_id, "finn"))
        assert decision.acting_for is None
        assert (await session.get_one(Approval, approval.approval_id)).state == "approved"


async def test_nobody_decides_in_the_name_of_the_requester(database: Database) -> None:
    _, approval = await asked_about(database, requester="fay")
    await stands_in(database, "fay", "olga")
    assert await waits(database, "olga") == set()
    with pytest.raises(FourEyes):
        await answered(database, approval, "olga", DecisionKind.APPROVE)
    await answered(database, approval, "finn", DecisionKind.APPROVE)


async def test_a_substitute_of_the_requester_and_of_an_approver_decides_for_the_approver(database: Database) -> None:
    _, approval = await asked_about(database, requester="fay")
    await stands_in(database, "fay", "olga")
    await stands_in(database, "finn", "olga")
    assert await waits(database, "olga") == {approval.approval_id}
    await answered(database, approval, "olga", DecisionKind.APPROVE)
    async with database.transaction("default") as session:
        assert (await session.get_one(RecordedDecision, (approval.approval_id, "olga"))).acting_for == "finn"


async def test_the_requester_does_not_decide_as_substitute_of_an_approver(database: Database) -> None:
    _, approval = await asked_about(database)
    await stands_in(database, "finn", "ann")
    with pytest.raises(FourEyes):
        await answered(database, approval, "ann", DecisionKind.APPROVE)


async def test_where_the_policy_wants_people_themselves_nobody_stands_in(database: Database) -> None:
    _, approval = await asked_about(database, who=("person:mona",), substitution=False)
    await stands_in(database, "mona", "olga")
    with pytest.raises(NotACandidate):
        await answered(database, approval, "olga", DecisionKind.APPROVE)


async def waits(database: Database, who: str) -> set[object]:
    """The inbox of this person, which equals its counter."""
    actor = await person(database, who)
    async with database.transaction("default") as session:
        items = (await inbox(session, actor)).items
        assert await waiting_count(session, actor) == len(items)
        return {item.id for item in items}


async def test_the_inbox_of_a_substitute_holds_what_they_may_decide_and_nothing_else(database: Database) -> None:
    small = (await asked_about(database, purchase("480.00"), who=("person:mona",)))[1].approval_id
    large = (await asked_about(database, purchase("4800.00"), who=("person:mona",)))[1].approval_id
    strict = (await asked_about(database, who=("person:mona",), substitution=False))[1].approval_id
    own = (await asked_about(database, requester="olga", who=("person:mona",)))[1].approval_id
    assert await waits(database, "olga") == set()
    row = await stands_in(database, "mona", "olga", up_to=Decimal(1000))
    assert await waits(database, "olga") == {small}
    assert await waits(database, "mona") == {small, large, strict, own}
    await end_substitution(database, row.id, by=await person(database, "mona"))
    assert await waits(database, "olga") == set()


async def test_what_was_answered_for_somebody_waits_for_neither(database: Database) -> None:
    _, approval = await asked_about(database, needed=2)
    await stands_in(database, "fay", "olga")
    assert await waits(database, "olga") == {approval.approval_id}
    await answered(database, approval, "olga", DecisionKind.APPROVE)
    assert (await waits(database, "olga"), await waits(database, "fay")) == (set(), set())
    assert await waits(database, "finn") == {approval.approval_id}


@pytest.mark.parametrize(
    ("substitute", "first", "last"),
    [
        ("mona", TODAY, TODAY),
        ("nobody", TODAY, TODAY),
        ("zoe", TODAY, TODAY),
        ("olga", TODAY - timedelta(days=9), TODAY - timedelta(days=5)),
        ("olga", TODAY + timedelta(days=9), TODAY),
        ("olga", TODAY, TODAY + timedelta(days=500)),
    ],
)
async def test_what_makes_no_sense_is_refused(database: Database, substitute: str, first: date, last: date) -> None:
    with pytest.raises(SubstitutionRefused):
        await stands_in(database, "mona", substitute, first, last)
