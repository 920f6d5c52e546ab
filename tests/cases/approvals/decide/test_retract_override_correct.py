"""Undo, override, and corrections within a decision."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from backend.cases.approvals.core.errors import (
    AlreadyDecided,
    FourEyes,
    NotCorrectable,
    NothingChanged,
    NothingToRetract,
    StaleVersion,
    TooLateToRetract,
)
from backend.cases.approvals.decide.correct import correct
from backend.cases.approvals.decide.override import override
from backend.cases.approvals.decide.retract import retract
from backend.cases.approvals.decide.timers import DeadlineReached, close_approval
from backend.cases.approvals.request.open_approval import ApprovalRequest, open_approval
from backend.cases.core.errors import CommentNeeded, NotAllowed
from backend.cases.lifecycle.withdraw import withdraw
from backend.cases.outbox.relay import Relay
from backend.database.engine import Database
from backend.database.tables import Approval, Case, CaseVersion, Delivery, JournalEntry, OutboxRow, RecordedDecision
from backend.kit.approval import ApprovalState, DecisionKind
from backend.kit.progress import Milestone, Progress
from backend.processes import by_key
from tests.support.approvals import STEP, act_on, answered, asked_about, decision
from tests.support.cast import person

WINDOW = timedelta(minutes=1)


async def stands(database: Database, approval_id: UUID) -> tuple[Approval, list[RecordedDecision], list[str]]:
    """The approval, its decisions, and the pending signals about decisions."""
    async with database.transaction("default") as session:
        approval = await session.get_one(Approval, approval_id)
        votes = list(
            await session.scalars(
                select(RecordedDecision)
                .where(RecordedDecision.approval_id == approval_id)
                .order_by(RecordedDecision.at)
            )
        )
        rows = select(OutboxRow.kind).where(OutboxRow.case_id == approval.case_id, OutboxRow.kind != "start")
        return approval, votes, list(await session.scalars(rows.order_by(OutboxRow.id)))


async def take_back(database: Database, approval_id: UUID, who: str) -> None:
    await act_on(database, approval_id, await person(database, who), retract)


async def test_an_answer_is_taken_back_while_nothing_ran_and_given_again(database: Database) -> None:
    case, asked = await asked_about(database, undo_within=WINDOW)
    await answered(database, asked, "finn", DecisionKind.REJECT)
    approval, votes, heard = await stands(database, asked.approval_id)
    assert (approval.state, len(votes), heard, votes[0].event is not None) == ("rejected", 1, ["decide"], True)
    with pytest.raises(NothingToRetract):
        await take_back(database, asked.approval_id, "fay")
    await take_back(database, asked.approval_id, "finn")
    approval, votes, heard = await stands(database, asked.approval_id)
    assert (approval.state, votes, heard, approval.decided_at) == ("open", [], [], None)
    await answered(database, asked, "finn", DecisionKind.APPROVE)
    assert (await stands(database, asked.approval_id))[0].state == "approved"
    async with database.transaction("default") as session:
        lines = select(JournalEntry.kind).where(JournalEntry.case_id == case.id).order_by(JournalEntry.id)
        assert list(await session.scalars(lines)) == ["sent", "asked", "rejected", "undo", "approved"]


async def test_within_the_window_the_workflow_hears_nothing(database: Database) -> None:
    _, asked = await asked_about(database, undo_within=WINDOW)
    await answered(database, asked, "finn", DecisionKind.APPROVE)

    async def never(row: OutboxRow) -> str | None:
        assert row.kind != "decide"
        return "run"

    relay = Relay(database, never)
    assert [row.kind for row in await relay._settle_and_claim(10)] == ["start"]  # noqa: SLF001 - one turn of the relay
    await take_back(database, asked.approval_id, "finn")


async def test_without_a_window_and_after_it_there_is_no_way_back(database: Database) -> None:
    _, asked = await asked_about(database)
    await answered(database, asked, "finn", DecisionKind.APPROVE)
    with pytest.raises(TooLateToRetract):
        await take_back(database, asked.approval_id, "finn")
    _, asked = await asked_about(database, undo_within=WINDOW)
    await answered(database, asked, "finn", DecisionKind.APPROVE)
    async with database.transaction("default") as session:
        await session.execute(update(OutboxRow).where(OutboxRow.kind == "decide").values(attempts=1))
    with pytest.raises(TooLateToRetract):
        await take_back(database, asked.approval_id, "finn")


async def test_a_timer_that_heard_of_the_verdict_ends_the_window(database: Database) -> None:
    _, asked = await asked_about(database, undo_within=WINDOW)
    await answered(database, asked, "finn", DecisionKind.APPROVE)
    closing = DeadlineReached(tenant="default", approval_id=asked.approval_id, verdict=ApprovalState.EXPIRED)
    assert (await close_approval(database, closing)).verdict is ApprovalState.APPROVED
    with pytest.raises(TooLateToRetract):
        await take_back(database, asked.approval_id, "finn")


async def test_after_a_recall_nothing_opens_again(database: Database) -> None:
    case, asked = await asked_about(database, undo_within=WINDOW)
    await answered(database, asked, "finn", DecisionKind.APPROVE)
    await withdraw(database, by_key(), case.reference, "", by=await person(database, "ann"))
    with pytest.raises(TooLateToRetract):
        await take_back(database, asked.approval_id, "finn")


async def test_a_recall_overtakes_the_answer_that_the_workflow_has_not_heard(database: Database) -> None:
    case, asked = await asked_about(database, undo_within=WINDOW)
    await answered(database, asked, "finn", DecisionKind.APPROVE)
    await withdraw(database, by_key(), case.reference, "", by=await person(database, "ann"))
    assert (await stands(database, asked.approval_id))[2] == ["recall", "decide"]


async def test_one_of_two_yeses_is_taken_back(database: Database) -> None:
    _, asked = await asked_about(database, undo_within=WINDOW, needed=2)
    await answered(database, asked, "finn", DecisionKind.APPROVE)
    await take_back(database, asked.approval_id, "finn")
    await answered(database, asked, "fay", DecisionKind.APPROVE)
    approval, votes, _ = await stands(database, asked.approval_id)
    assert (approval.state, [vote.person_id for vote in votes]) == ("open", ["fay"])


async def overridden(
    database: Database,
    approval_id: UUID,
    who: str = "root",
    choice: DecisionKind = DecisionKind.APPROVE,
    reason: str = "Urgent.",
) -> None:
    by = await person(database, who)
    await act_on(database, approval_id, by, override, decision(choice, 1, reason))


async def test_an_override_is_marked_for_ever_and_cannot_be_taken_back(database: Database) -> None:
    case, asked = await asked_about(database, undo_within=WINDOW, needed=2)
    await answered(database, asked, "finn", DecisionKind.APPROVE)
    with pytest.raises(CommentNeeded):
        await overridden(database, asked.approval_id, reason=" ")
    await overridden(database, asked.approval_id)
    approval, votes, heard = await stands(database, asked.approval_id)
    assert (approval.state, approval.overridden, approval.decided_by) == ("approved", True, "root")
    assert approval.undo_until is None, "its workflow hears of it at once"
    assert [(vote.person_id, vote.kind) for vote in votes] == [("finn", "own"), ("root", "override")]
    assert heard == ["decide"]
    with pytest.raises(NothingToRetract):
        await take_back(database, asked.approval_id, "root")
    async with database.transaction("default") as session:
        assert (await session.get_one(Case, case.id)).overridden is True
    with pytest.raises(AlreadyDecided) as refused:
        await overridden(database, asked.approval_id)
    assert (refused.type, refused.value.state) == (AlreadyDecided, "approved")


async def test_an_override_sends_each_one_letter_that_says_it_all(database: Database) -> None:
    case, asked = await asked_about(database)
    await overridden(database, asked.approval_id, choice=DecisionKind.REJECT, reason="Nobody was there.")
    async with database.transaction("default") as session:
        sent = select(Delivery.person_id, Delivery.headline, Delivery.note).where(Delivery.event != "requested")
        letters = sorted(map(tuple, await session.execute(sent)))
    headline = f"Ruth Root overrode the decision: {case.title} was rejected"
    assert letters == [(who, headline, "Nobody was there.") for who in ("ann", "fay", "finn")]


async def test_only_administrators_override_where_it_is_allowed_and_never_their_own(database: Database) -> None:
    _, asked = await asked_about(database)
    with pytest.raises(NotAllowed):
        await overridden(database, asked.approval_id, who="finn")
    _, strict = await asked_about(database, override=False)
    with pytest.raises(NotAllowed):
        await overridden(database, strict.approval_id)
    _, own = await asked_about(database, requester="root")
    with pytest.raises(FourEyes):
        await overridden(database, own.approval_id)


async def corrected(database: Database, approval_id: UUID, version: int = 1, **changes: Any) -> None:
    """Finn corrects the request while he decides."""
    async with database.transaction("default") as session:
        case = await session.get_one(Case, (await session.get_one(Approval, approval_id)).case_id)
    form = by_key()["purchase_approval"].input.model_validate({**case.input, **changes})
    await act_on(database, approval_id, await person(database, "finn"), correct, form, version)


CORRECTABLE: Mapping[str, Any] = {"correctable": ("cost_centre",)}


async def test_who_corrects_still_decides_here_and_before_and_after_are_kept(database: Database) -> None:
    case, asked = await asked_about(database, **CORRECTABLE)
    await corrected(database, asked.approval_id, cost_centre="3100")
    with pytest.raises(StaleVersion):
        await answered(database, asked, "fay", DecisionKind.APPROVE, version=1)
    await answered(database, asked, "finn", DecisionKind.APPROVE, version=2)
    approval, votes, heard = await stands(database, asked.approval_id)
    assert (approval.state, votes[0].version, votes[0].corrected_from, heard) == (
        "approved",
        2,
        1,
        ["correct", "decide"],
    )
    async with database.transaction("default") as session:
        first = await session.get_one(CaseVersion, (case.id, 1))
        second = await session.get_one(CaseVersion, (case.id, 2))
    assert (first.input["cost_centre"], second.input["cost_centre"], second.edited_by) == ("4200", "3100", "finn")


async def test_who_corrected_is_an_editor_everywhere_else(database: Database) -> None:
    case, asked = await asked_about(database, **CORRECTABLE)
    await corrected(database, asked.approval_id, cost_centre="3100")
    await answered(database, asked, "fay", DecisionKind.APPROVE, version=2)
    later = await next_round(database, case, STEP.model_copy(update={"key": "later", "label": "Later"}))
    with pytest.raises(FourEyes):
        await answered(database, later, "finn", DecisionKind.APPROVE, version=2)


async def test_only_what_the_policy_names_is_corrected(database: Database) -> None:
    _, asked = await asked_about(database, **CORRECTABLE)
    with pytest.raises(NotCorrectable):
        await corrected(database, asked.approval_id, vendor="My brother")
    with pytest.raises(NothingChanged):
        await corrected(database, asked.approval_id)
    with pytest.raises(StaleVersion):
        await corrected(database, asked.approval_id, version=7, cost_centre="3100")


@pytest.mark.parametrize("keeps", [True, False])
async def test_earlier_votes_are_kept_or_void_after_a_correction(database: Database, *, keeps: bool) -> None:
    _, asked = await asked_about(database, needed=2, keep_votes=keeps, **CORRECTABLE)
    await answered(database, asked, "fay", DecisionKind.APPROVE)
    await corrected(database, asked.approval_id, cost_centre="3100")
    await answered(database, asked, "finn", DecisionKind.APPROVE, version=2)
    approval, votes, _ = await stands(database, asked.approval_id)
    kinds = {vote.person_id: vote.kind for vote in votes}
    assert (approval.state, kinds) == (
        ("approved", {"fay": "kept", "finn": "own"}) if keeps else ("open", {"finn": "own"})
    )


async def next_round(database: Database, case: Case, step: Any, number: int = 2) -> Any:
    """The approval request of the round after requested changes."""
    async with database.transaction("default") as session:
        now = (await session.get_one(Approval, (await session.scalar(select(Approval.id).limit(1))))).asked_at
    progress = Progress(milestones=[Milestone(key=step.key, label=step.label)])
    question = ApprovalRequest(
        tenant="default", case_id=case.id, step=step, round=number, asked_at=now, subject="it", progress=progress
    )
    return await open_approval(database, question)


@pytest.mark.parametrize(("keeps", "state"), [(True, "approved"), (False, "open")])
async def test_after_a_send_back_yeses_are_kept_or_asked_again(database: Database, *, keeps: bool, state: str) -> None:
    step = STEP.model_copy(update={"needed": 1, "keep_votes": keeps})
    case, first = await asked_about(database, needed=1, keep_votes=keeps)
    await answered(database, first, "finn", DecisionKind.APPROVE)
    second = await next_round(database, case, step)
    approval, votes, _ = await stands(database, second.approval_id)
    assert approval.state == state
    assert [vote.kind for vote in votes] == (["kept"] if keeps else [])
    assert (second.decision is not None) is keeps
