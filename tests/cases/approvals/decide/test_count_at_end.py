"""Where decisions are counted at the end, everybody decides before there is a verdict."""

from itertools import permutations

import pytest
from sqlalchemy import func, select

from backend.cases.approvals.request.open_approval import OpenedApproval
from backend.database.engine import Database
from backend.database.tables import Approval, Case, OutboxRow
from backend.kit.approval import DecisionKind, Veto
from backend.kit.progress import Progress
from tests.support.approvals import answered, asked_about
from tests.support.html import said_in
from tests.support.leaving import change, everybody_as_before
from tests.support.web import Visitor

__all__ = ["everybody_as_before"]

Y, N = DecisionKind.APPROVE, DecisionKind.REJECT
THREE = ("group:finance", "person:mona")


async def asked_at_end(database: Database, needed: int = 1) -> tuple[Case, OpenedApproval]:
    """An approval that finn, fay and mona decide."""
    return await asked_about(database, who=THREE, needed=needed, veto=Veto.COUNT_AT_END)


async def state_of(database: Database, approval: OpenedApproval) -> str:
    """Its state now."""
    async with database.transaction("default") as session:
        return (await session.get_one(Approval, approval.approval_id)).state


@pytest.mark.parametrize(("needed", "verdict"), [(1, "approved"), (2, "rejected")])
async def test_the_verdict_waits_for_the_last_decision_in_any_order(
    database: Database, needed: int, verdict: str
) -> None:
    for order in permutations([("finn", Y), ("fay", N), ("mona", N)]):
        case, approval = await asked_at_end(database, needed)
        for number, (name, kind) in enumerate(order, start=1):
            await answered(database, approval, name, kind)
            assert await state_of(database, approval) == (verdict if number == len(order) else "open")
        async with database.transaction("default") as session:
            signalled = select(func.count()).where(OutboxRow.case_id == case.id, OutboxRow.kind == "decide")
            assert await session.scalar(signalled) == 1


async def test_pages_say_that_everybody_decides(database: Database, browser_of: Visitor) -> None:
    case, approval = await asked_at_end(database)
    async with database.transaction("default") as session:
        turn = Progress.model_validate((await session.get_one(Case, case.id)).progress).turn
    assert turn is not None
    assert (turn.who, turn.rule) == (
        "Fay Nowak, Finn Aalto and Mona Lind",
        "Fay Nowak, Finn Aalto and Mona Lind must decide; 1 approval is enough.",
    )
    finn, page = await browser_of("finn"), f"/approvals/{approval.approval_id}"
    assert "Counts once everybody has decided" in said_in(await finn.get(page))
    await answered(database, approval, "finn", Y)
    mona = await browser_of("mona")
    assert "Waiting for Fay Nowak and Mona Lind; everybody has to decide." in said_in(await mona.get(page))
    await answered(database, approval, "fay", Y)
    last = said_in(await mona.get(page))
    assert "Waiting for Mona Lind; everybody has to decide." in last
    assert "Counts once everybody has decided" not in last


async def test_a_rejection_that_decides_it_needs_no_attention_while_others_have_to_decide(
    database: Database, everybody_as_before: None
) -> None:
    case, approval = await asked_at_end(database, needed=3)
    await answered(database, approval, "mona", N)
    await change(database, "finn", groups=frozenset({"employees"}))
    async with database.transaction("default") as session:
        assert (await session.get_one(Case, case.id)).attention is None
    await answered(database, approval, "fay", Y)
    assert await state_of(database, approval) == "rejected"


async def test_when_the_last_one_leaves_the_case_says_what_to_do(database: Database, everybody_as_before: None) -> None:
    case, approval = await asked_about(database, needed=1, veto=Veto.COUNT_AT_END)
    await answered(database, approval, "fay", Y)
    await change(database, "finn", groups=frozenset({"employees"}))
    async with database.transaction("default") as session:
        attention = (await session.get_one(Case, case.id)).attention
    assert attention == "Finance: nobody is left who has to decide. Override the decision, or add an approver."
    assert await state_of(database, approval) == "open"
