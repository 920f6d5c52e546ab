"""Workers and relay are killed around reminders, escalations and deadlines: each notification is sent once."""

import os
import signal
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from functools import partial
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from backend.cases.lifecycle.submission import Source, Submission, open_case
from backend.database.engine import Database
from backend.database.tables import Approval, Case, Delivery, JournalEntry, Notification
from backend.processes import by_key
from backend.workflows.purchase import PurchasePlan
from tests.faults.conftest import Program
from tests.support.cast import person
from tests.support.conditions import eventually
from tests.support.desk_over_rest import persistently
from tests.support.purchases import purchase
from tests.support.running import Running

MANY = 25
SECOND = timedelta(seconds=1)
NUDGING = PurchasePlan(reminder=3 * SECOND, escalation=6 * SECOND, last_reminder=9 * SECOND, deadline=12 * SECOND)
SOON_OVER = PurchasePlan(reminder=60 * SECOND, escalates=False, deadline=10 * SECOND)
# What the journal tells of a case, in order, and what each is told: mona is the manager, and the only one there is.
STORY = ("sent", "asked", "reminded", "escalated", "reminded", "expired", "ended")
TOLD = {
    ("mona", "requested"): 1,
    ("mona", "reminded"): 1,
    ("mona", "escalated"): 1,
    ("mona", "last_reminder"): 1,
    ("ann", "decided"): 1,
    ("ann", "ended"): 1,
}


@pytest.fixture
async def database(running: Running) -> AsyncIterator[Database]:
    """The database of the running system."""
    database = Database(running.environment["COUNTERSIGN_DATABASE_URL"], 5)
    yield database
    await database.close()


async def open_purchases(database: Database, count: int, plan: PurchasePlan) -> list[UUID]:
    """Open purchases whose durations are seconds."""
    process, ann = by_key()["purchase_approval"], await person(database, "ann")
    form = process.input.model_validate(purchase("10.00"))
    async with database.transaction(ann.tenant) as session:
        opened = [
            await open_case(session, Submission(process, form, source=Source.API, key=str(uuid4()), by=ann, plan=plan))
            for _ in range(count)
        ]
    return [each.case.id for each in opened]


async def how_many(database: Database, cases: Sequence[UUID], moment: str) -> int:
    """The number of cases with this reminder or escalation."""
    of_these = (Notification.case_id.in_(cases), Notification.event == moment)
    async with database.across_tenants() as session:
        return await session.scalar(select(func.count(Notification.case_id.distinct())).where(*of_these)) or 0


async def all_ended(database: Database, cases: Sequence[UUID], seconds: float = 120) -> list[str | None]:
    """Wait for all these cases to end and return their outcomes."""

    async def outcomes() -> list[str | None] | None:
        async with database.across_tenants() as session:
            rows = {row.id: row for row in await session.scalars(select(Case).where(Case.id.in_(cases)))}
        return [rows[each].outcome for each in cases] if all(row.closed_at for row in rows.values()) else None

    return await eventually(outcomes, seconds)


async def test_each_reminder_and_escalation_is_told_once_though_workers_and_relay_are_killed(
    running: Running, database: Database
) -> None:
    cases = await open_purchases(database, MANY, NUDGING)
    amid = kills = 0
    for moment in ("reminded", "escalated", "last_reminder"):
        amid += await eventually(partial(how_many, database, cases, moment), 60) < MANY
        for part in ("workflow", "relay"):
            if pid := running.parts().get(part):  # the one that fell before may not be back yet
                os.kill(pid, signal.SIGKILL)
                kills += 1
    assert min(amid, kills - 2) >= 2, f"{amid} of {kills} kills came amid the telling, so little was proved"
    assert set(await all_ended(database, cases)) == {"expired"}
    async with database.across_tenants() as session:
        for case in cases:
            mine = select(JournalEntry.kind).where(JournalEntry.case_id == case)
            assert tuple(await session.scalars(mine.order_by(JournalEntry.id))) == STORY
            for table in (Notification, Delivery):
                told = select(table.person_id, table.event).where(table.case_id == case)
                assert Counter(map(tuple, await session.execute(told))) == TOLD, table
            row = (await session.scalars(select(Approval).where(Approval.case_id == case))).one()
            assert (row.reminders_sent, row.escalations_done, row.state) == (2, 1, "expired")


async def test_late_by_a_moment_is_refused_and_in_time_counts_while_the_workers_are_gone(
    running: Running, program: Program, database: Database
) -> None:
    late, early = await open_purchases(database, 2, SOON_OVER)
    found = {case: await eventually(partial(approval_of, database, case)) for case in (late, early)}
    mona, body = program("mona"), {"decision": "approve", "version": 1}
    with running.without_workers():
        in_time = persistently(lambda: mona.post(f"/approvals/{found[early].id}/decision", json=body))
        assert (in_time.status_code, in_time.json()["state"]) == (200, "approved"), in_time.text
        await eventually(partial(over, database, found[late]), 30)
        too_late = persistently(lambda: mona.post(f"/approvals/{found[late].id}/decision", json=body))
        assert (too_late.status_code, too_late.json()["code"]) == (409, "deadline_passed"), too_late.text
        shown = persistently(lambda: mona.get(f"/approvals/{found[late].id}")).json()
        assert (shown["state"], shown["votes"]) == ("open", []), "only the worker declares it expired"
        await eventually(partial(over, database, found[early]), 30)
    assert await all_ended(database, (late, early)) == ["expired", "ordered"]


async def approval_of(database: Database, case: UUID) -> Approval | None:
    """The approval of a case; None if there is none yet."""
    async with database.across_tenants() as session:
        found: Approval | None = await session.scalar(select(Approval).where(Approval.case_id == case))
        return found


async def over(database: Database, approval: Approval) -> bool:
    """Whether its deadline has passed by the clock of the database."""
    async with database.across_tenants() as session:
        return bool(await session.scalar(select(func.clock_timestamp() >= approval.expires_at)))
