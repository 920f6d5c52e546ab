"""However many answer in the same instant, an approval gets one verdict, and the workflow hears it once."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select, update

from backend.cases import audit
from backend.cases.asking import Asked, Closing, Question, close_approval, open_approval
from backend.cases.deciding import Answer, Channel, decide
from backend.cases.errors import AlreadyDecided, CaseError, FourEyes, StaleVersion
from backend.cases.opening import Source, open_case
from backend.cases.recalling import recall
from backend.database.engine import Database
from backend.database.tables import Approval, AuditRow, Case, CaseVersion, OutboxRow, Vote
from backend.embedded.postgres import EmbeddedPostgres
from backend.kit.approval import ApprovalState, Choice, Step
from backend.kit.progress import Milestone, Progress
from backend.processes import by_key
from tests.support.cast import person
from tests.support.postgres import run_as_owner
from tests.support.purchases import purchase

ROUNDS = 100
STEP = Step(
    key="finance",
    label="Finance",
    question="Buy it?",
    who=("group:finance",),
    due=timedelta(days=1),
    deadline=timedelta(days=2),
)


async def asked(database: Database, requester: str = "ann", **changes: object) -> tuple[Case, Asked]:
    """A case of this requester that finance is asked about."""
    process = by_key()["purchase_approval"]
    form = process.input.model_validate(purchase())
    by = await person(database, requester)
    async with database.transaction(by.tenant) as session:
        opened = await open_case(session, process, form, source=Source.API, key=str(uuid4()), by=by)
    question = Question(
        tenant="default",
        case_id=opened.case.id,
        step=STEP.model_copy(update=changes),
        round=1,
        asked_at=datetime.now(UTC),
        subject="it",
        progress=Progress(milestones=[Milestone(key="finance", label="Finance")]),
    )
    return opened.case, await open_approval(database, question)


async def answer(database: Database, approval: Asked, who: str, choice: Choice, version: int = 1) -> None:
    """One person answers."""
    given = Answer(choice, version, "because")
    by = await person(database, who)
    await decide(database, by_key(), approval.approval_id, given, by=by, channel=Channel.API)


async def test_two_approvers_a_deadline_and_a_recall_at_the_same_instant(database: Database) -> None:
    ann = await person(database, "ann")
    winners: Counter[str] = Counter()
    for _ in range(ROUNDS):
        case, approval = await asked(database)
        expiry = Closing(tenant="default", approval_id=approval.approval_id, verdict=ApprovalState.EXPIRED)
        ended = await asyncio.gather(
            answer(database, approval, "finn", Choice.APPROVE),
            answer(database, approval, "fay", Choice.REJECT),
            close_approval(database, expiry),
            recall(database, by_key(), case.reference, "", by=ann),
            return_exceptions=True,
        )
        assert all(isinstance(one, CaseError) for one in ended if isinstance(one, BaseException)), ended
        answers = sum(not isinstance(one, BaseException) for one in ended[:2])
        async with database.across_tenants() as session:
            row = await session.get_one(Approval, approval.approval_id)
            votes = await session.scalar(select(func.count()).where(Vote.approval_id == row.id))
            told = await session.scalar(
                select(func.count()).where(OutboxRow.case_id == case.id, OutboxRow.kind == "decide")
            )
        by_a_person = row.state in {"approved", "rejected"}
        assert row.state != "open"
        assert (answers, votes, told) == ((1, 1, 1) if by_a_person else (0, 0, 0)), (row.state, ended)
        winners[row.state] += 1
    assert sum(winners.values()) == ROUNDS


async def test_both_must_agree_and_both_may_at_once(database: Database) -> None:
    for _ in range(20):
        case, approval = await asked(database, needed=2)
        await asyncio.gather(*(answer(database, approval, who, Choice.APPROVE) for who in ("finn", "fay")))
        async with database.across_tenants() as session:
            row = await session.get_one(Approval, approval.approval_id)
            told = await session.scalar(
                select(func.count()).where(OutboxRow.case_id == case.id, OutboxRow.kind == "decide")
            )
        assert (row.state, told) == ("approved", 1)


async def test_the_same_answer_again_is_the_same_result(database: Database) -> None:
    _, approval = await asked(database)
    await answer(database, approval, "finn", Choice.APPROVE)
    await answer(database, approval, "finn", Choice.APPROVE)
    with pytest.raises(AlreadyDecided):
        await answer(database, approval, "fay", Choice.APPROVE)


async def test_nobody_decides_what_they_asked_for(database: Database) -> None:
    _, approval = await asked(database, requester="finn")
    with pytest.raises(FourEyes):
        await answer(database, approval, "finn", Choice.APPROVE)
    await answer(database, approval, "fay", Choice.APPROVE)


async def test_an_answer_to_an_old_version_is_refused_with_the_differences(database: Database) -> None:
    case, approval = await asked(database)
    newer = purchase("999.00")
    async with database.transaction("default") as session:
        session.add(CaseVersion(tenant_id="default", case_id=case.id, version=2, input=newer, edited_by="ann"))
        await session.execute(update(Case).where(Case.id == case.id).values(version=2, input=newer))
    with pytest.raises(StaleVersion) as refused:
        await answer(database, approval, "finn", Choice.APPROVE, version=1)
    assert refused.value.version == 2
    assert any("999" in change.after for change in refused.value.differences)


async def test_a_changed_audit_row_is_found(database: Database, cluster: EmbeddedPostgres) -> None:
    _, approval = await asked(database)
    await answer(database, approval, "finn", Choice.APPROVE)
    assert all(report.ok for report in await audit.verify(database))
    async with database.across_tenants() as session:
        first = await session.scalar(select(func.min(AuditRow.seq)).where(AuditRow.tenant_id == "default"))
    table = "ALTER TABLE audit {} TRIGGER USER"
    forged = "UPDATE audit SET body = body || ' ' WHERE tenant_id = 'default'"
    await run_as_owner(cluster, table.format("DISABLE"), forged, table.format("ENABLE"))
    broken = {report.tenant: report.broken_at for report in await audit.verify(database)}
    assert broken["default"] == first
