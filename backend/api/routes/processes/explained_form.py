"""What follows from a start form as it is filled in now: approvers, budgets, and values that another case has."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from backend.api.routes.core.forms.partial import as_far_as_filled
from backend.cases.approvals.request.explain import Explanation, explain
from backend.cases.core.actor import Actor
from backend.cases.core.budget_check import BudgetLeft, budgets_left
from backend.cases.core.duplicates import Duplicate, duplicates
from backend.database.tables import Case, Person
from backend.kit.process import Process
from backend.settings import process_plan


@dataclass(frozen=True)
class ExplainedForm:
    """Who would have to approve, what is left of the budgets, and duplicates.

    `explanation` is None while too little is filled in to tell, or if the process needs no approval.
    """

    explanation: Explanation | None
    budgets: list[BudgetLeft]
    duplicates: list[Duplicate]


async def explain_form(
    session: AsyncSession, process: Process, values: Mapping[str, list[str]], person: Actor, case: Case | None = None
) -> ExplainedForm:
    """What follows from `values`; `case` is the one that is being changed."""
    typed = {name: given[0] for name, given in values.items() if given}
    repeated = await duplicates(session, person, process, typed, case.id if case else None)
    form = as_far_as_filled(process.input, values)
    budgets = await budgets_left(session, form, process.amount_of(form)) if form else []
    return ExplainedForm(await explanation_of(session, process, form, person), budgets, repeated)


async def explanation_of(
    session: AsyncSession, process: Process, form: BaseModel | None, requester: Actor | Person
) -> Explanation | None:
    """Who would have to approve; None without a form, while too little is filled in to tell, or if nobody has to."""
    if form is None or process.steps is None:
        return None
    return await explain(session, process, form, process_plan(process.key, process.plan), requester)
