"""However many people decide at the same instant, an approval gets one verdict, signalled once."""

import asyncio
from collections import Counter
from collections.abc import Awaitable

import pytest
from sqlalchemy import func, select, update

from backend.cases.approvals.core.errors import AlreadyDecided, FourEyes, StaleVersion
from backend.cases.approvals.decide.timers import DeadlineReached, close_approval
from backend.cases.audit.verify import verify
from backend.cases.core.errors import CaseError
from backend.cases.lifecycle.withdraw import withdraw
from backend.database.engine import Database
from backend.database.tables import Approval, AuditRow, Case, CaseVersion, OutboxRow, RecordedDecision
from backend.embedded.postgres import EmbeddedPostgres
from backend.kit.approval import ApprovalState, DecisionKind
from backend.processes import by_key
from tests.support.approvals import answered, asked_about
from tests.support.cast import person
from tests.support.postgres import run_as_owner
from tests.support.purchases import purchase

ROUNDS = 100


async def after(database: Database, blinks: int, act: Awaitable[object]) -> object:
    """Act after a number of database round trips, a delay that scales with the speed of the machine."""
    for _ in range(blinks):
        async with database.across_tenants() as session:
            await session.scalar(select(1))
    return await act


async def test_two_approvers_a_deadline_and_a_recall_at_the_same_instant(database: Database) -> None:
    ann = await person(database, "ann")
    winners: Counter[str] = Counter()
    for number in range(ROUNDS):
        case, approval = await asked_about(database)
        expiry = DeadlineReached(tenant="default", approval_id=approval.approval_id, verdict=ApprovalState.EXPIRED)
        race = [
            ("approved", answered(database, approval, "finn", DecisionKind.APPROVE)),
            ("rejected", answered(database, approval, "fay", DecisionKind.REJECT)),
            ("expired", close_approval(database, expiry)),
            ("withdrawn", withdraw(database, by_key(), case.reference, "", by=ann)),
        ]
        ahead, blinks = race[number % 4][0], number // 4 % 10
        started = (after(database, 0 if what == ahead else blinks, act) for what, act in race)
        results = await asyncio.gather(*started, return_exceptions=True)
        ended = dict(zip((what for what, _ in race), results, strict=True))
        assert all(isinstance(one, CaseError) for one in results if isinstance(one, BaseException)), ended
        answers = [what for what in ("approved", "rejected") if not isinstance(ended[what], BaseException)]
        async with database.across_tenants() as session:
            row = await session.get_one(Approval, approval.approval_id)
            votes = await session.scalar(select(func.count()).where(RecordedDecision.approval_id == row.id))
            told = await session.scalar(
                select(func.count()).where(OutboxRow.case_id == case.id, OutboxRow.kind == "decide")
            )
        by_a_person = row.state in {"approved", "rejected"}
        assert row.state != "open"
        assert (answers, votes, told) == (([row.state], 1, 1) if by_a_person else ([], 0, 0)), (row.state, ended)
        winners[row.state] += 1
    assert set(winners) == {"approved", "rejected", "expired", "withdrawn"}, f"it was no race: {winners}"


async def test_both_must_agree_and_both_may_at_once(database: Database) -> None:
    for _ in range(20):
        case, approval = await asked_about(database, needed=2)
        await asyncio.gather(*(answered(database, approval, who, DecisionKind.APPROVE) for who in ("finn", "fay")))
        async with database.across_tenants() as session:
            row = await session.get_one(Approval, approval.approval_id)
            told = await session.scalar(
                select(func.count()).where(OutboxRow.case_id == case.id, OutboxRow.kind == "decide")
            )
        assert (row.state, told) == ("approved", 1)


async def test_the_same_answer_again_is_the_same_result(database: Database) -> None:
    _, approval = await asked_about(database)
    await answered(database, approval, "finn", DecisionKind.APPROVE)
    await answered(database, approval, "finn", DecisionKind.APPROVE)
    with pytest.raises(AlreadyDecided) as refused:
        await answered(database, approval, "fay", DecisionKind.APPROVE)
    assert (refused.type, refused.value.by) == (AlreadyDecided, "Finn Aalto")


async def test_nobody_decides_what_they_asked_for(database: Database) -> None:
    _, approval = await asked_about(database, requester="finn")
    with pytest.raises(FourEyes):
        await answered(database, approval, "finn", DecisionKind.APPROVE)
    await answered(database, approval, "fay", DecisionKind.APPROVE)


async def test_an_answer_to_an_old_version_is_refused_with_the_differences(database: Database) -> None:
    case, approval = await asked_about(database)
    newer = purchase("999.00")
    async with database.transaction("default") as session:
        session.add(CaseVersion(tenant_id="default", case_id=case.id, version=2, input=newer, edited_by="ann"))
        await session.execute(update(Case).where(Case.id == case.id).values(version=2, input=newer))
    with pytest.raises(StaleVersion) as refused:
        await answered(database, approval, "finn", DecisionKind.APPROVE, version=1)
    assert refused.value.version == 2
    assert any("999" in change.after for change in refused.value.differences)


async def test_a_changed_audit_row_is_found(database: Database, cluster: EmbeddedPostgres) -> None:
    _, approval = await asked_about(database)
    await answered(database, approval, "finn", DecisionKind.APPROVE)
    assert [(report.tenant, report.ok) for report in await verify(database)] == [("acme", True), ("default", True)]
    async with database.across_tenants() as session:
        first = await session.scalar(select(func.min(AuditRow.seq)).where(AuditRow.tenant_id == "default"))
    table = "ALTER TABLE audit {} TRIGGER USER"
    forged = "UPDATE audit SET body = body || ' ' WHERE tenant_id = 'default'"
    await run_as_owner(cluster, table.format("DISABLE"), forged, table.format("ENABLE"))
    broken = {report.tenant: report.broken_at for report in await verify(database)}
    assert broken["default"] == first
