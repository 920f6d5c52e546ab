"""Nobody decides two steps of one case, and a policy that cannot be met is said at the start."""

from typing import Any

import pytest
from sqlalchemy import select

from backend.cases.approvals.assign.reassign import reassign
from backend.cases.approvals.core.distinct import Demand, enough_people
from backend.cases.approvals.core.errors import FourEyes
from backend.cases.approvals.request.explain import explain
from backend.cases.approvals.request.open_approval import OpenedApproval, open_approval
from backend.cases.inbox.lists import inbox, waiting_count
from backend.database.engine import Database
from backend.database.tables import Approval, Case, Notification
from backend.kit.approval import DecisionKind
from backend.processes import by_key
from backend.workflows.purchase import PurchasePlan
from tests.support.approvals import STEP, a_case, act_on, answered, asked_about, question_of
from tests.support.cast import person
from tests.support.leaving import change, everybody_as_before
from tests.support.purchases import purchase

__all__ = ["everybody_as_before"]
FIRST = {"key": "manager", "label": "Manager", "who": ("person:fay",)}


async def second(database: Database, case: Case, **step: Any) -> OpenedApproval:
    return await open_approval(database, question_of(case, **step))


async def waits(database: Database, who: str) -> set[object]:
    actor = await person(database, who)
    async with database.transaction("default") as session:
        items = (await inbox(session, actor)).items
        assert await waiting_count(session, actor) == len(items)
        return {item.id for item in items}


async def test_who_approved_one_step_does_not_decide_the_next(database: Database) -> None:
    case, manager = await asked_about(database, **FIRST)
    await answered(database, manager, "fay", DecisionKind.APPROVE)
    finance = await second(database, case)
    assert await waits(database, "fay") == set()
    assert await waits(database, "finn") == {finance.approval_id}
    with pytest.raises(FourEyes, match="approved another step"):
        await answered(database, finance, "fay", DecisionKind.APPROVE)
    await answered(database, finance, "finn", DecisionKind.APPROVE)


async def test_nor_what_somebody_reassigns_to_them(database: Database) -> None:
    case, manager = await asked_about(database, key="manager", who=("person:mona",))
    await answered(database, manager, "mona", DecisionKind.APPROVE)
    finance = await second(database, case)
    with pytest.raises(FourEyes, match="Mona Lind approved another step"):
        await act_on(database, finance.approval_id, await person(database, "fay"), reassign, "mona", "Away")


async def test_nor_while_both_are_open(database: Database) -> None:
    case, manager = await asked_about(database, **FIRST)
    finance = await second(database, case)
    await answered(database, manager, "fay", DecisionKind.APPROVE)
    with pytest.raises(FourEyes, match="approved another step"):
        await answered(database, finance, "fay", DecisionKind.APPROVE)


async def test_a_rejection_elsewhere_does_not_count(database: Database) -> None:
    case, first = await asked_about(database, **FIRST)
    finance = await second(database, case)
    await answered(database, first, "fay", DecisionKind.REJECT)
    await answered(database, finance, "fay", DecisionKind.APPROVE)


async def test_a_policy_may_allow_it(database: Database) -> None:
    case, manager = await asked_about(database, **FIRST)
    await answered(database, manager, "fay", DecisionKind.APPROVE)
    finance = await second(database, case, distinct=False)
    await answered(database, finance, "fay", DecisionKind.APPROVE)
    async with database.transaction("default") as session:
        assert (await session.get_one(Approval, finance.approval_id)).state == "approved"


async def explained(database: Database, who: str, total: str) -> dict[str, str]:
    """Why a step of this person's purchase could never be approved."""
    process, by = by_key()["purchase_approval"], await person(database, who)
    form = process.input.model_validate(purchase(total))
    async with database.transaction("default") as session:
        found = await explain(session, process, form, PurchasePlan(), by)
    return {each.step.key: each.impossible for each in found.steps}


@pytest.mark.usefixtures("everybody_as_before")
async def test_a_policy_that_cannot_be_met_is_said_before_it_starts(database: Database) -> None:
    await change(database, "finn", manager="fay")
    assert await explained(database, "ann", "2000.00") == {"manager": "", "finance": ""}
    because = "Finance: everybody who could approve this has to approve an earlier step."
    assert await explained(database, "finn", "2000.00") == {"manager": "", "finance": because}
    few = "Finance: 2 more approvals are needed, but only Fay Nowak can decide."
    assert await explained(database, "finn", "12000.00") == {"manager": "", "finance": few}


async def test_it_is_said_on_the_case_when_its_first_step_opens(database: Database) -> None:
    case = await a_case(database)
    later = STEP.model_copy(update={"who": ("person:fay",)})
    request = question_of(case, **FIRST).model_copy(update={"later": (later,)})
    await open_approval(database, request)
    words = "Finance: everybody who could approve this has to approve an earlier step."
    async with database.transaction("default") as session:
        assert (await session.get_one(Case, case.id)).attention == words
        mine = (Notification.case_id == case.id, Notification.event == "attention")
        assert set(await session.scalars(select(Notification.person_id).where(*mine))) == {"ann", "root"}


@pytest.mark.parametrize(
    ("demands", "enough"),
    [
        ([], True),
        ([(1, "a"), (1, "a")], False),
        ([(1, "ab"), (1, "a")], True),
        ([(1, "abc"), (1, "ab"), (1, "a")], True),
        ([(1, "ab"), (1, "ab"), (1, "ab")], False),
        ([(2, "abc"), (1, "ab")], True),
        ([(2, "ab"), (1, "abc"), (1, "bc")], False),
    ],
)
def test_enough_people_are_found_if_there_are_any(demands: list[tuple[int, str]], *, enough: bool) -> None:
    assert enough_people([Demand(needed, list(able)) for needed, able in demands]) is enough
