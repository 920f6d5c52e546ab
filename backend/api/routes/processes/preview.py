"""What follows from a start form as it is filled in now: approvers, budgets, and values that another case has."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from backend.api.routes.core.forms.partial import as_far_as_filled
from backend.cases.approvals.request.explain import Explanation, explain
from backend.cases.core.actor import Actor
from backend.cases.core.budget_check import BudgetLeft, budgets_left
from backend.cases.core.duplicates import Duplicate, duplicates
from backend.database.tables import Case
from backend.kit.process import Process
from backend.settings import process_plan


@dataclass(frozen=True)
class Preview:
    """Who would have to approve, what is left of the budgets, and duplicates.

    `explained` is None while too little is filled in to tell, or if the process needs no approval.
    """

    explained: Explanation | None
    budgets: list[BudgetLeft]
    duplicates: list[Duplicate]


async def preview_of(
    session: AsyncSession, process: Process, values: Mapping[str, list[str]], person: Actor, case: Case | None = None
) -> Preview:
    """The preview of what is filled in; `case` is the one that is being changed."""
    form = as_far_as_filled(process.input, values)
    typed = {name: given[0] for name, given in values.items() if given}
    repeated = await duplicates(session, person, process, typed, case.id if case else None)
    if form is None:
        return Preview(None, [], repeated)
    budgets = await budgets_left(session, form, process.amount_of(form))
    if process.steps is None:
        return Preview(None, budgets, repeated)
    explained = await explain(session, process, form, process_plan(process.key, process.plan), person)
    return Preview(explained, budgets, repeated)
