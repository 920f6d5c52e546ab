"""Two must be two: a quorum never shrinks, and who is missing is said at once."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from backend.cases.approvals.core.errors import AlreadyDecided
from backend.cases.approvals.decide.override import override
from backend.cases.approvals.decide.timers import TimerFired, escalate
from backend.cases.inbox.lists import inbox
from backend.cases.lifecycle.withdraw import withdraw
from backend.database.engine import Database
from backend.database.tables import Approval, Case, Notification
from backend.kit.approval import ALL, DecisionKind, Veto
from backend.kit.progress import Progress
from backend.processes import by_key
from tests.support.approvals import act_on, answered, asked_about, decision
from tests.support.cast import person
from tests.support.leaving import change, everybody_as_before

__all__ = ["everybody_as_before"]
pytestmark = pytest.mark.usefixtures("everybody_as_before")
BOTH = {"needed": ALL, "at_least": 2}
MANAGERS = {"escalation": timedelta(days=2), "escalate_to": ("group:managers",)}


async def row(database: Database, approval: Any) -> Approval:
    async with database.transaction("default") as session:
        return await session.get_one(Approval, approval.approval_id)


async def attention(database: Database, case: Case) -> str | None:
    async with database.transaction("default") as session:
        return (await session.get_one(Case, case.id)).attention


async def told(database: Database, case: Case, event: str = "attention") -> set[str]:
    async with database.transaction("default") as session:
        mine = (Notification.case_id == case.id, Notification.event == event)
        return set(await session.scalars(select(Notification.person_id).where(*mine)))


async def test_who_left_before_it_opened_does_not_lower_the_quorum(database: Database) -> None:
    await change(database, "finn", active=False)
    case, approval = await asked_about(database, **BOTH)
    words = "Finance: 2 more approvals are needed, but only Fay Nowak can decide."
    assert (await row(database, approval)).fixed_policy.needed == 2
    assert await attention(database, case) == words
    assert await told(database, case) == {"ann", "fay", "root"}
    await answered(database, approval, "fay", DecisionKind.APPROVE)
    assert (await row(database, approval)).state == "open"
    words = "Finance: 1 more approval is needed, and nobody is left who can give it."
    assert await attention(database, case) == words


async def test_who_left_the_group_does_not_lower_it_either(database: Database) -> None:
    await change(database, "finn", groups=frozenset({"employees"}))
    _, approval = await asked_about(database, **BOTH)
    await answered(database, approval, "fay", DecisionKind.APPROVE)
    assert (await row(database, approval)).state == "open"


async def test_an_impossible_approval_escalates_at_once_and_only_once(database: Database) -> None:
    await change(database, "finn", active=False)
    case, approval = await asked_about(database, **BOTH, **MANAGERS)
    now = await row(database, approval)
    assert (now.escalations_done, now.impossible) == (1, "")
    assert await attention(database, case) is None
    assert "mona" in await told(database, case, "escalated")
    assert not await escalate(database, TimerFired(tenant="default", approval_id=approval.approval_id))
    await answered(database, approval, "fay", DecisionKind.APPROVE)
    await answered(database, approval, "mona", DecisionKind.APPROVE)
    assert (await row(database, approval)).state == "approved"


async def test_who_leaves_while_asked_is_named_as_a_gap_at_once(database: Database) -> None:
    case, approval = await asked_about(database, **BOTH)
    await change(database, "finn", active=False, manager="")
    await answered(database, approval, "fay", DecisionKind.APPROVE)
    assert (await row(database, approval)).state == "open"
    assert "nobody is left who can give it" in str(await attention(database, case))
    assert {"ann", "root"} <= await told(database, case)


async def test_who_leaves_while_it_is_claimed_by_them_leaves_no_claim(database: Database) -> None:
    from backend.cases.approvals.assign.claim import claim  # noqa: PLC0415

    _, approval = await asked_about(database, **MANAGERS)
    await act_on(database, approval.approval_id, await person(database, "finn"), claim)
    await change(database, "finn", groups=frozenset({"employees"}))
    now = await row(database, approval)
    assert (now.claimed_by, now.impossible) == (None, "")
    await answered(database, approval, "fay", DecisionKind.APPROVE)
    assert (await row(database, approval)).state == "approved"


async def test_only_a_named_override_lowers_it(database: Database) -> None:
    await change(database, "finn", active=False)
    case, approval = await asked_about(database, **BOTH)
    await answered(database, approval, "fay", DecisionKind.APPROVE)
    by = await person(database, "root")
    await act_on(database, approval.approval_id, by, override, decision(DecisionKind.APPROVE, 1, "Finn left."))
    now = await row(database, approval)
    assert (now.state, now.overridden, now.decided_by) == ("approved", True, "root")
    assert await attention(database, case) is None


async def test_a_percentage_has_a_floor_too(database: Database) -> None:
    await change(database, "finn", active=False)
    _, approval = await asked_about(database, percent=50, at_least=2)
    assert (await row(database, approval)).fixed_policy.needed == 2


async def test_what_is_withdrawn_needs_no_attention_any_more(database: Database) -> None:
    case, _ = await asked_about(database, who=("person:eve",), requester="eve")
    assert await attention(database, case) == "Finance: nobody is left who can decide."
    async with database.transaction("default") as session:
        progress = Progress.model_validate((await session.get_one(Case, case.id)).progress)
    assert progress.sentence == "No eligible approver for it"
    await withdraw(database, by_key(), case.reference, "", by=await person(database, "eve"))
    assert await attention(database, case) is None


@pytest.mark.parametrize("veto", [Veto.NO_ENDS, Veto.NO_COUNTS])
async def test_where_everyone_must_approve_one_rejection_ends_it_for_all(database: Database, veto: Veto) -> None:
    _, approval = await asked_about(database, needed=ALL, veto=veto)
    await answered(database, approval, "finn", DecisionKind.REJECT, "Too dear.")
    assert (await row(database, approval)).state == "rejected"
    fay = await person(database, "fay")
    async with database.transaction("default") as session:
        assert approval.approval_id not in {item.id for item in (await inbox(session, fay)).items}
        unread = (Notification.approval_id == approval.approval_id, Notification.read_at.is_(None))
        assert "fay" not in set(await session.scalars(select(Notification.person_id).where(*unread)))
    with pytest.raises(AlreadyDecided):
        await answered(database, approval, "fay", DecisionKind.APPROVE)
