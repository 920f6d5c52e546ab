"""The reconciler: compares open cases with what Temporal says of each, and repairs what ended behind our back."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from datetime import datetime

from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.lifecycle.report import finish, withdraw_open
from backend.cases.reconcile.approvals import ApprovalsReconciled, Waits, reconcile_approvals
from backend.database.engine import Database
from backend.database.tables import Case
from backend.kit.case import CaseEnd
from backend.kit.i18n import N_

AT_ONCE = 16
GONE = N_("Its execution no longer exists in Temporal, so the case was closed.")
WORDS = {
    "cancelled": N_("Its execution was cancelled in Temporal."),
    "terminated": N_("Its execution was terminated in Temporal. Nothing was undone."),
    "timed_out": N_("Its execution reached its time limit."),
    "failed": N_("Its execution failed."),
}


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
Running = Callable[[], Awaitable[Collection[str]]]


async def reconcile_executions(database: Database, describe: Describe, running: Running | None = None) -> Reconciled:
    """Look at every case that was started and is open, whatever its age.

    A workflow that is gone closes its case as failed. `running` lists the workflows that run as far as Temporal's lists
    know, which lag by moments: only the others are described, which is exact. Without it, all are.
    """
    async with database.across_tenants() as session:
        statement = select(Case).where(Case.closed_at.is_(None), Case.run_id.is_not(None))
        cases = list(await session.scalars(statement))
    known = set(await running()) if running else set()
    found = Reconciled(looked_at=len(cases))
    slots = asyncio.Semaphore(AT_ONCE)

    async def look_at(case: Case) -> None:
        async with slots:
            state = await describe(case.workflow_id)
            if state is not None and state.status == "running":
                return
            status = state.status if state else "failed"
            async with database.transaction(case.tenant_id) as session:
                if await _repair(session, case, status, state):
                    found.repaired[case.reference] = status

    looks = (look_at(case) for case in cases if case.workflow_id not in known)
    for problem in await asyncio.gather(*looks, return_exceptions=True):
        if problem is not None:
            raise problem
    return found


async def reconcile(database: Database, describe: Describe, waits: Waits, most: int | None = None) -> Reconciled:
    """Look at every open case once, and compare approvals with what their workflows wait for.

    Of the cases that wait for people, `most` are compared with their workflows, chosen at random; without it, all.
    """
    found = await reconcile_executions(database, describe)
    found.approvals = await reconcile_approvals(database, waits, most)
    return found


async def _repair(session: AsyncSession, stale: Case, status: str, state: ExecutionState | None) -> bool:
    await withdraw_open(session, [stale.id])
    case = await session.get_one(Case, stale.id, with_for_update=True)
    if case.closed_at is not None:
        return False
    why = GONE if state is None else WORDS.get(status, "")
    await finish(session, case, state.end if state else None, status, why)
    return True
