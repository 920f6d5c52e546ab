"""An effect happens only as it was approved."""

from typing import Any

import pytest
from sqlalchemy import text, update

from backend.activities.issue_purchase_order_activity import issue_purchase_order
from backend.activities.reserve_budget_activity import reserve_budget
from backend.cases.core.envelope import digest_of
from backend.cases.lifecycle.approved_effects import refusal_of_effect
from backend.database.engine import Database
from backend.database.tables import Case, CaseVersion
from backend.kit.approval import Approved, DecisionKind
from backend.kit.money import Money
from backend.processes import by_key
from backend.services.budgets import BudgetRequest
from backend.services.erp import OrderLine, PurchaseOrder
from tests.support.approvals import answered, asked_about

NOT_APPROVED = "It was not approved, so it was refused."
OTHER_FORM = "The form is not the one that was approved, so it was refused."
DIFFERS = "It differs from what was approved, so it was refused."


def order_of(case: Case, **changes: Any) -> PurchaseOrder:
    form = by_key()["purchase_approval"].input.model_validate(case.input)
    return PurchaseOrder(
        tenant="default",
        key=f"{case.reference}:order",
        reference=case.reference,
        vendor=form.vendor,
        cost_centre=form.cost_centre,
        total=form.total,
        lines=[
            OrderLine(
                description=item.description,
                quantity=item.quantity,
                unit_price=Money(amount=item.unit_price, currency="EUR"),
            )
            for item in form.items
        ],
        approved=Approved(version=1, digest=digest_of(case.input)),
    ).model_copy(update=changes)


async def refusal(database: Database, order: PurchaseOrder | BudgetRequest) -> str:
    activity = issue_purchase_order if isinstance(order, PurchaseOrder) else reserve_budget
    return await refusal_of_effect(
        database,
        by_key(),
        activity.__name__,
        order,
        tenant=order.tenant,
        reference=order.key.partition(":")[0],
        approved=order.approved,
    )


async def approved_case(database: Database) -> Case:
    case, approval = await asked_about(database)
    await answered(database, approval, "finn", DecisionKind.APPROVE)
    return case


async def test_what_was_approved_may_happen(database: Database) -> None:
    case = await approved_case(database)
    assert await refusal(database, order_of(case)) == ""


async def test_what_nobody_approved_may_not(database: Database) -> None:
    case, approval = await asked_about(database)
    assert await refusal(database, order_of(case)) == NOT_APPROVED
    await answered(database, approval, "finn", DecisionKind.REJECT)
    assert await refusal(database, order_of(case)) == NOT_APPROVED


async def test_an_order_of_no_case_may_not(database: Database) -> None:
    case = await approved_case(database)
    stray = order_of(case, key="PUR-999999:order")
    assert await refusal(database, stray) == "It belongs to no case, so it was refused."


async def test_an_order_of_a_case_of_another_process_may_not(database: Database) -> None:
    case = await approved_case(database)
    async with database.across_tenants() as session:
        await session.execute(update(Case).where(Case.id == case.id).values(process="credit_check"))
    assert await refusal(database, order_of(case)) == "It belongs to a case of another process, so it was refused."


@pytest.mark.parametrize(
    "changes",
    [
        {"vendor": "Eve Ltd"},
        {"cost_centre": "9900"},
        {"total": Money(amount="1.00", currency="EUR")},
        {"lines": []},
    ],
    ids=["vendor", "cost centre", "total", "lines"],
)
async def test_an_order_that_differs_from_the_form_may_not(database: Database, changes: dict[str, Any]) -> None:
    case = await approved_case(database)
    assert await refusal(database, order_of(case, **changes)) == DIFFERS


async def test_a_budget_that_differs_from_the_form_may_not(database: Database) -> None:
    case = await approved_case(database)
    form = order_of(case)
    budget = BudgetRequest(tenant="default", key=f"{case.reference}:budget", cost_centre="9900", total=form.total)
    assert await refusal(database, budget) == DIFFERS
    right = budget.model_copy(update={"cost_centre": form.cost_centre, "approved": form.approved})
    assert await refusal(database, right) == ""


async def test_a_form_that_was_changed_after_its_approval_is_noticed(database: Database) -> None:
    case = await approved_case(database)
    order = order_of(case)
    async with database.across_tenants() as session:
        changed = case.input | {"vendor": "Eve Ltd"}
        await session.execute(update(CaseVersion).where(CaseVersion.case_id == case.id).values(input=changed))
    assert await refusal(database, order) == OTHER_FORM
    wrong = order.model_copy(update={"approved": Approved(version=7, digest=digest_of(case.input))})
    assert await refusal(database, wrong) == OTHER_FORM


async def test_the_approvals_of_another_round_do_not_count(database: Database) -> None:
    case = await approved_case(database)
    async with database.across_tenants() as session:
        again = text("""
            INSERT INTO approvals SELECT (jsonb_populate_record(a, jsonb_build_object(
                'id', gen_random_uuid(), 'round', 2, 'state', 'open'))).* FROM approvals a WHERE case_id = :case
        """)
        await session.execute(again, {"case": case.id})
    assert await refusal(database, order_of(case)) == NOT_APPROVED
