"""The reconciler: compares open cases with what Temporal says of each, and repairs what ended behind our back."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from pydantic import BaseModel
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.lifecycle.report import finish, withdraw_open
from backend.cases.reconcile.approvals import ApprovalsReconciled, Waits, reconcile_approvals
from backend.database.engine import Database
from backend.database.tables import Case
from backend.kit.case import CaseEnd

# A case that was opened a moment ago may not have been started yet.
GRACE = timedelta(seconds=60)


class ExecutionState(BaseModel):
    """What Temporal says of one execution: its status in our words, and its result if it completed."""

    status: str
    run_id: str
    closed_at: datetime | None = None
    end: CaseEnd | None = None


class Reconciled(BaseModel):
    """How many open cases were looked at, and what was repaired, by reference."""

    looked_at: int = 0
    repaired: dict[str, str] = {}
    approvals: ApprovalsReconciled = ApprovalsReconciled()


Describe = Callable[[str], Awaitable[ExecutionState | None]]


async def reconcile(database: Database, describe: Describe, waits: Waits, most: int | None = None) -> Reconciled:
    """Look at every open case once. A workflow that never existed or is gone closes its case as failed.

    Of the cases that wait for people, `most` are compared with their workflows, chosen at random; without it, all.
    """
    async with database.across_tenants() as session:
        old = Case.opened_at < func.clock_timestamp() - GRACE
        statement = select(Case).where(Case.closed_at.is_(None), Case.run_id.is_not(None), old)
        cases = list(await session.scalars(statement))
    found = Reconciled(looked_at=len(cases))
    for case in cases:
        state = await describe(case.workflow_id)
        if state is not None and state.status == "running":
            continue
        status = state.status if state else "failed"
        async with database.transaction(case.tenant_id) as session:
            if await _repair(session, case, status, state.end if state else None):
                found.repaired[case.reference] = status
    found.approvals = await reconcile_approvals(database, waits, most)
    return found


async def _repair(session: AsyncSession, stale: Case, status: str, end: CaseEnd | None) -> bool:
    await withdraw_open(session, [stale.id])
    case = await session.get_one(Case, stale.id, with_for_update=True)
    if case.closed_at is not None:
        return False
    await finish(session, case, end, status)
    return True
