"""Two of finance stay two, whoever leaves while the purchase runs."""

import pytest

from backend.cases.approvals.decide.override import override
from backend.kit.approval import DecisionKind
from tests.support.approvals import act_on, decision
from tests.support.cast import person
from tests.support.conditions import eventually
from tests.support.leaving import change, everybody_as_before
from tests.support.temporal import Desk

__all__ = ["everybody_as_before"]
pytestmark = pytest.mark.usefixtures("everybody_as_before")


@pytest.mark.parametrize("at", ["before it starts", "while the manager is asked", "while finance is asked"])
async def test_one_of_two_who_leaves_lowers_nothing(desk: Desk, at: str) -> None:
    leaves = {"active": False, "manager": ""}
    if at == "before it starts":
        await change(desk.database, "finn", **leaves)
    case = await desk.open(total="12000.00")
    await desk.approval(case, "manager")
    if at == "while the manager is asked":
        await change(desk.database, "finn", **leaves)
    await desk.answer(case, "manager", "mona")
    await desk.approval(case, "finance")
    if at == "while finance is asked":
        await change(desk.database, "finn", **leaves)
    await desk.answer(case, "finance", "fay")

    async def short() -> str | None:
        return (await desk.case(case)).attention

    words = "Finance: 1 more approval is needed, and nobody is left who can give it."
    assert await eventually(short) == words
    finance = await desk.approval(case, "finance")
    assert (finance.state, finance.fixed_policy.needed, finance.escalations_done) == ("open", 2, 1)

    root = await person(desk.database, "root")
    await act_on(desk.database, finance.id, root, override, decision(DecisionKind.APPROVE, 1, "Finn has left."))
    ended = await desk.ended(case)
    assert (ended.outcome, ended.overridden, ended.attention) == ("ordered", True, None)
