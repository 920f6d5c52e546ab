"""An approval is open if and only if its workflow waits for it: compared, and repaired where it is not."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import exists, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.approvals.assign.offboarding import replace_leavers
from backend.cases.approvals.core.candidates import decisions_of
from backend.cases.approvals.core.close import close, verdict_of
from backend.cases.approvals.request.open_approval import ApprovalRequest, open_approval
from backend.cases.audit.record import body_of
from backend.cases.core.records import CaseRecords, JournalLine, OutboxMessage, write_records
from backend.cases.outbox import outbox
from backend.database.engine import Database
from backend.database.tables import Approval, Case, OutboxRow
from backend.kit.approval import ApprovalState
from backend.kit.i18n import N_

# What happened a moment ago may still be on its way to the workflow, or from it.
GRACE = text("interval '60 seconds'")

# None: the workflow does not answer, so nothing is known and nothing is changed.
Waits = Callable[[str], Awaitable[list[ApprovalRequest] | None]]


class ApprovalsReconciled(BaseModel):
    """How many cases with approvals were compared, and what was done to which approval."""

    looked_at: int = 0
    silent: int = 0
    closed: list[str] = []
    opened: list[str] = []
    sent_again: list[str] = []
    reassigned: list[str] = []

    @property
    def in_words(self) -> str:
        """One line for an operator."""
        return (
            f"{self.looked_at} cases compared with what their workflows wait for ({self.silent} gave no answer): "
            f"{len(self.closed)} closed, {len(self.opened)} opened, {len(self.sent_again)} sent again, "
            f"{len(self.reassigned)} reassigned"
        )


async def reconcile_approvals(database: Database, waits: Waits, most: int | None = None) -> ApprovalsReconciled:
    """Compare running cases that have open approvals, or wait on somebody, with what their workflows wait for."""
    found = ApprovalsReconciled()
    for case in await _cases(database, most):
        asked = await waits(case.workflow_id)
        found.looked_at += 1
        if asked is None:
            found.silent += 1
            continue
        await _compare(database, case, {each.approval_id: each for each in asked if each.approval_id}, found)
    await _left_open(database, found)
    await _seats_of_leavers(database, found)
    return found


async def _cases(database: Database, most: int | None) -> list[Case]:
    waits = exists().where(Approval.case_id == Case.id, Approval.state == ApprovalState.OPEN)
    turn = Case.progress["turn"]["approval_id"].as_string().is_not(None)
    under_way = exists().where(OutboxRow.case_id == Case.id, OutboxRow.state != "sent")
    statement = select(Case).where(Case.closed_at.is_(None), Case.run_id.is_not(None), or_(waits, turn), ~under_way)
    statement = statement.where(Case.progress_at < func.clock_timestamp() - GRACE)
    async with database.across_tenants() as session:
        return list(await session.scalars(statement.order_by(func.random()).limit(most)))


async def _compare(
    database: Database, case: Case, asked: dict[UUID, ApprovalRequest], found: ApprovalsReconciled
) -> None:
    async with database.transaction(case.tenant_id) as session:
        statement = select(Approval).where(Approval.case_id == case.id).order_by(Approval.id).with_for_update()
        rows = {row.id: row for row in await session.scalars(statement)}
        case = await session.get_one(Case, case.id, with_for_update=True, populate_existing=True)
        if case.closed_at is not None or await _changing(session, case):
            return
        for row in rows.values():
            if row.state == ApprovalState.OPEN and row.id not in asked:
                await _close(session, case, row)
                found.closed.append(str(row.id))
            elif row.state != ApprovalState.OPEN and row.id in asked:
                await _send_again(session, case, row)
                found.sent_again.append(str(row.id))
    for approval_id in asked.keys() - rows.keys():
        await open_approval(database, asked[approval_id])
        found.opened.append(str(approval_id))


async def _changing(session: AsyncSession, case: Case) -> bool:
    waiting = exists().where(OutboxRow.case_id == case.id, OutboxRow.state != "sent")
    fresh = (Approval.asked_at > func.clock_timestamp() - GRACE) | (
        Approval.decided_at > func.clock_timestamp() - GRACE
    )
    recent = exists().where(Approval.case_id == case.id, fresh)
    return bool(await session.scalar(select(or_(waiting, recent))))


async def _close(session: AsyncSession, case: Case, row: Approval) -> None:
    await close(session, row, ApprovalState.NOT_NEEDED, by=None)
    sentence = N_("No decision is needed any more: {step}. The process continued without it.").format(
        step=row.label.lower()
    )
    line = JournalLine(key=f"mended:{row.id}", kind="not_needed", sentence=sentence)
    await write_records(session, CaseRecords.of(case, [line], facts=[_fact(case, row, "closed")]))


async def _send_again(session: AsyncSession, case: Case, row: Approval) -> None:
    decision = await verdict_of(session, row, await decisions_of(session, row.id))
    message = OutboxMessage(outbox.Message.DECIDE, decision)
    await write_records(session, CaseRecords.of(case, messages=[message], facts=[_fact(case, row, "told_again")]))


def _fact(case: Case, row: Approval, done: str) -> str:
    facts = {"approval": str(row.id), "step": row.step, "done": done}
    return body_of("approval.mend", "reconciler", case.reference, **facts)


async def _left_open(database: Database, found: ApprovalsReconciled) -> None:
    """Approvals that were opened at the moment in which their case closed."""
    over = select(Approval.tenant_id, Approval.id).join(Case, Case.id == Approval.case_id)
    async with database.across_tenants() as session:
        left = list(
            await session.execute(over.where(Approval.state == ApprovalState.OPEN, Case.closed_at.is_not(None)))
        )
    for tenant, approval_id in left:
        async with database.transaction(tenant) as session:
            row = await session.get_one(Approval, approval_id, with_for_update=True)
            if row.state == ApprovalState.OPEN:
                await _close(session, await session.get_one(Case, row.case_id), row)
                found.closed.append(str(row.id))


_LEAVERS = text("""
    SELECT k.tenant_id, k.approval_id, array_agg(p.id ORDER BY p.id) AS people
    FROM candidates k JOIN people p ON k.principal = 'person:' || p.id AND p.tenant_id = k.tenant_id
    JOIN approvals a ON a.id = k.approval_id AND a.impossible = ''
    WHERE k.open AND k.role = 'decide' AND NOT p.active
    GROUP BY k.tenant_id, k.approval_id
""")


async def _seats_of_leavers(database: Database, found: ApprovalsReconciled) -> None:
    """Seats of people who left meanwhile pass on now."""
    async with database.across_tenants() as session:
        left = list(await session.execute(_LEAVERS))
    for tenant, approval_id, people in left:
        async with database.transaction(tenant) as session:
            if await replace_leavers(session, approval_id, people, None):
                found.reassigned.append(str(approval_id))
