"""Every branch of a purchase, with real activities, a real database and time skipping."""

from datetime import timedelta

import pytest

from backend.cases.lifecycle.amend import amend
from backend.cases.lifecycle.withdraw import withdraw
from backend.database.engine import Database
from backend.database.tables import Budget, Case
from backend.kit.approval import DecisionKind
from backend.processes import by_key
from backend.services.erp import Erp, IssuedOrder, OrderRefused, PostgresErp, PurchaseOrder
from tests.support.cast import person
from tests.support.conditions import eventually
from tests.support.purchases import purchase
from tests.support.temporal import Desk


async def reserved(desk: Desk, centre: str = "4200") -> str:
    async with desk.database.transaction("default") as session:
        return str((await session.get_one(Budget, ("default", centre))).reserved)


async def test_a_small_purchase_needs_the_manager_alone_and_is_ordered(desk: Desk) -> None:
    case = await desk.open(total="999.99")
    await desk.answer(case, "manager", "mona")
    ended = await desk.ended(case)
    assert (ended.status, ended.outcome) == ("completed", "ordered")
    assert ended.result is not None
    assert ended.result["facts"]["Order number"].startswith("PO-")
    assert await reserved(desk) == "999.99"


async def test_from_1000_one_of_finance_is_asked_after_the_manager(desk: Desk) -> None:
    case = await desk.open(total="1000.00")
    await desk.answer(case, "manager", "mona")
    await desk.answer(case, "finance", "fay")
    assert (await desk.ended(case)).outcome == "ordered"


async def test_from_10000_both_of_finance_must_agree(desk: Desk) -> None:
    case = await desk.open(total="10000.00")
    await desk.answer(case, "manager", "mona")
    first = await desk.answer(case, "finance", "fay")
    assert first.locked.approval.state == "open"
    second = await desk.answer(case, "finance", "finn")
    assert second.locked.approval.state == "approved"
    assert (await desk.ended(case)).outcome == "ordered"


@pytest.mark.parametrize(("total", "step", "before"), [("480.00", "manager", []), ("4800.00", "finance", ["mona"])])
async def test_a_no_at_any_level_ends_the_case_as_rejected(
    desk: Desk, total: str, step: str, before: list[str]
) -> None:
    case = await desk.open(total=total)
    for who in before:
        await desk.answer(case, "manager", who)
    await desk.answer(case, step, "mona" if step == "manager" else "finn", DecisionKind.REJECT, "Not this year.")
    ended = await desk.ended(case)
    assert (ended.status, ended.outcome) == ("completed", "rejected")
    assert await reserved(desk) == "0.00"


async def test_silence_reminds_escalates_and_expires_at_the_deadline(desk: Desk) -> None:
    case = await desk.open()
    opened = await desk.approval(case, "manager")
    await desk.skip(case, timedelta(days=30))  # of which 14 are working days
    ended = await desk.ended(case)
    approval = await desk.approval(case, "manager")
    assert (ended.outcome, approval.state) == ("expired", "expired")
    assert opened.reminded_at is None
    assert approval.reminded_at is not None
    assert approval.escalated_at is not None


async def test_a_request_sent_back_is_changed_and_asked_again_from_the_first_level(desk: Desk) -> None:
    case = await desk.open(total="4800.00")
    await desk.answer(case, "manager", "mona")
    await desk.answer(case, "finance", "fay", DecisionKind.SEND_BACK, "Ask for the framework price.")
    process = by_key()["purchase_approval"]
    ann = await person(desk.database, "ann")
    changed = process.input.model_validate(purchase("900.00"))
    await amend(desk.database, by_key(), case.reference, changed, 1, by=ann)
    again = await desk.answer(case, "manager", "mona", number=2)
    assert again.locked.approval.version == 2
    ended = await desk.ended(case)
    assert (ended.outcome, ended.version) == ("ordered", 2)
    assert await reserved(desk) == "900.00"


async def waits_for_changes(desk: Desk, case: Case) -> None:
    """Wait until the workflow has heard that changes were requested: from then on the requester has their time."""

    async def reported() -> bool:
        return "requested changes" in (await desk.case(case)).progress["sentence"]

    await eventually(reported)


async def test_a_request_that_nobody_changes_expires(desk: Desk) -> None:
    case = await desk.open()
    await desk.answer(case, "manager", "mona", DecisionKind.SEND_BACK, "Which colour?")
    await waits_for_changes(desk, case)
    await desk.skip(case, timedelta(days=15))
    assert (await desk.ended(case)).outcome == "expired"


@pytest.mark.parametrize("step", ["manager", "finance", "sent back"])
async def test_a_recall_ends_the_case_wherever_it_waits(desk: Desk, step: str) -> None:
    case = await desk.open(total="4800.00")
    await desk.approval(case, "manager")
    if step == "finance":
        await desk.answer(case, "manager", "mona")
        await desk.approval(case, "finance")
    if step == "sent back":
        await desk.answer(case, "manager", "mona", DecisionKind.SEND_BACK, "Which colour?")
    ann = await person(desk.database, "ann")
    await withdraw(desk.database, by_key(), case.reference, "Not needed any more.", by=ann)
    ended = await desk.ended(case)
    assert ended.outcome == "recalled"
    assert await reserved(desk) == "0.00"


async def test_a_recall_before_the_first_question_withdraws_it(desk: Desk) -> None:
    case = await desk.open()
    ann = await person(desk.database, "ann")
    await withdraw(desk.database, by_key(), case.reference, "", by=ann)
    assert (await desk.ended(case)).outcome == "recalled"


async def test_too_little_budget_is_an_outcome_of_its_own(desk: Desk) -> None:
    case = await desk.open(total="480.00", cost_centre="9900")
    await desk.answer(case, "manager", "mona")
    assert (await desk.ended(case)).outcome == "over_budget"


class RefusingErp(PostgresErp):
    """An ERP that refuses every order and records cancellations."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.cancelled: list[str] = []

    async def issue(self, order: PurchaseOrder) -> IssuedOrder:
        raise OrderRefused("The vendor is blocked.")

    async def cancel(self, order: PurchaseOrder) -> None:
        self.cancelled.append(order.key)


class TestWithAnErpThatRefuses:
    """The last step fails permanently."""

    @pytest.fixture
    def erp(self, database: Database) -> Erp:
        return RefusingErp(database)

    async def test_the_budget_is_free_again_and_the_order_cancelled(self, desk: Desk, erp: RefusingErp) -> None:
        case = await desk.open()
        await desk.answer(case, "manager", "mona")
        ended = await desk.ended(case)
        assert (ended.outcome, ended.attention) == ("order_failed", None)
        assert erp.cancelled == [f"{case.reference}:order"]
        assert await reserved(desk) == "0.00"


class StubbornErp(RefusingErp):
    """An ERP that refuses cancellations as well."""

    async def cancel(self, order: PurchaseOrder) -> None:
        await super().cancel(order)
        raise OrderRefused("Nothing can be cancelled today.")


class TestWithAnErpThatRefusesToCancel:
    """The case shows what could not be undone."""

    @pytest.fixture
    def erp(self, database: Database) -> Erp:
        return StubbornErp(database)

    async def test_the_case_says_what_is_left_to_do_and_asks_for_attention(self, desk: Desk) -> None:
        case = await desk.open()
        await desk.answer(case, "manager", "mona")
        ended = await desk.ended(case)
        assert ended.outcome == "order_failed"
        assert "cancel purchase order" in str(ended.attention)
        assert ended.result is not None
        assert "done manually: cancel purchase order" in ended.result["sentence"]
        assert await reserved(desk) == "0.00"
