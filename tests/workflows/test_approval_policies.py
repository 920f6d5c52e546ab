"""Approval policies with a real workflow and time skipping."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import time, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from temporalio.testing import WorkflowEnvironment

from backend.activities.core.services import Services
from backend.cases.approvals.core.calendars import calendar_of
from backend.cases.approvals.core.errors import ExtraWrong, NotOffered
from backend.cases.approvals.decide.decide import decide
from backend.cases.approvals.decide.decision import Decision
from backend.cases.core.errors import CommentNeeded
from backend.cases.lifecycle import submission
from backend.cases.lifecycle.submission import Source, Submission, open_case
from backend.cases.outbox.relay import Relay
from backend.database.engine import Database
from backend.database.tables import Approval, AuditRow, Case, Holiday, JournalEntry, Notification, WorkingHours
from backend.kit.approval import APPROVE, DEADLINE, AtDeadline, DecisionKind, DecisionOption, Escalation, Veto
from backend.kit.process import Process
from backend.processes import by_key
from backend.temporal.delivery import TemporalDelivery
from backend.workers.run import workflow_worker
from backend.workers.tuning import Tuning
from tests.support.approvals import act_on, decision
from tests.support.cast import person
from tests.support.conditions import eventually
from tests.support.purchases import purchase
from tests.support.question_workflow import FINANCE, Limit, QuestionPlan, QuestionWorkflow, question_milestones
from tests.support.temporal import Desk

KEY = "purchase_approval"
DAYS = timedelta(days=1)
RELEASE = DecisionOption(key="release", counts_as=DecisionKind.APPROVE, label="Release", done="released", comment=True)


@dataclass
class Asking(Desk):
    """A desk whose purchases request one approval with any policy."""

    processes: dict[str, Process]
    monkeypatch: pytest.MonkeyPatch

    async def ask(self, **policy: Any) -> tuple[Case, Approval]:
        """Open a case that requests approval by finance with this policy."""
        plan = QuestionPlan(step=type(FINANCE).model_validate(FINANCE.model_dump() | policy))
        self.monkeypatch.setattr(submission, "process_plan", lambda *_: plan)
        ann = await person(self.database, "ann")
        process = self.processes[KEY]
        form = process.input.model_validate(purchase())
        async with self.database.transaction(ann.tenant) as session:
            opened = await open_case(session, Submission(process, form, source=Source.API, key=str(uuid4()), by=ann))
        return opened.case, await self.approval(opened.case, FINANCE.key)

    async def decide(self, approval: Approval, who: str, answer: Decision) -> None:
        """Decide as one person."""
        by = await person(self.database, who)
        await act_on(self.database, approval.id, by, decide, answer, processes=self.processes)

    async def story(self, case: Case, *kinds: str) -> list[str]:
        """The lines of these kinds in the activity, oldest first."""
        async with self.database.across_tenants() as session:
            mine = (JournalEntry.case_id == case.id, JournalEntry.kind.in_(kinds))
            return list(await session.scalars(select(JournalEntry.sentence).where(*mine).order_by(JournalEntry.id)))


@pytest.fixture
async def asking(
    database: Database,
    time_machine_server: WorkflowEnvironment,
    services: Services,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Asking]:
    """The running desk."""
    client, stop = time_machine_server.client, asyncio.Event()
    question = replace(
        by_key()[KEY],
        workflow=QuestionWorkflow,
        plan=QuestionPlan,
        milestones=question_milestones,
        decision_fields={"limited": Limit},
    )
    async with AsyncExitStack() as stack:
        worker = workflow_worker(client, "purchasing", [question], services, Tuning(grace=timedelta(seconds=1)))
        await stack.enter_async_context(worker)
        with time_machine_server.with_time_skipping_disabled():
            relay = asyncio.create_task(Relay(database, TemporalDelivery(client, {KEY: question})).run(stop))
            yield Asking(database, time_machine_server, services, {KEY: question}, monkeypatch)
            stop.set()
            await relay


@pytest.mark.parametrize(
    ("at_deadline", "state", "status", "outcome"),
    [
        (AtDeadline.EXPIRE, "expired", "completed", "expired"),
        (AtDeadline.APPROVE, "approved", "completed", "ordered"),
        (AtDeadline.REJECT, "rejected", "completed", "rejected"),
        (AtDeadline.ESCALATE, "expired", "completed", "expired"),
        (AtDeadline.FAIL, "expired", "failed", None),
        (AtDeadline.GO_ON, "not_needed", "completed", "ordered"),
    ],
)
async def test_the_deadline_does_what_the_policy_says_in_its_own_name(
    asking: Asking, at_deadline: AtDeadline, state: str, status: str, outcome: str | None
) -> None:
    case, opened = await asking.ask(at_deadline=at_deadline, escalate_to=("group:managers",))
    await asking.skip(case, 7 * DAYS)
    ended = await asking.ended(case)
    approval = await asking.approval(case, "finance")
    assert (approval.state, approval.decided_by) == (state, DEADLINE)
    assert (ended.status, ended.outcome) == (status, outcome)
    assert approval.escalations_done == (1 if at_deadline is AtDeadline.ESCALATE else 0)
    assert opened.expires_at - opened.asked_at == (6 if at_deadline is AtDeadline.ESCALATE else 3) * DAYS
    async with asking.database.across_tenants() as session:
        bodies = [json.loads(body) for body in await session.scalars(select(AuditRow.body))]
    closed = [(body["actor"], body["verdict"]) for body in bodies if body["action"] == "approval.close"]
    assert closed == [(DEADLINE, state)]


async def test_a_deadline_that_escalates_lets_others_decide_as_long_again(asking: Asking) -> None:
    case, approval = await asking.ask(at_deadline=AtDeadline.ESCALATE, escalate_to=("person:mona",))
    await asking.skip(case, 4 * DAYS)
    await _until(asking, approval, lambda now: now.escalations_done == 1)
    await asking.decide(approval, "mona", decision(DecisionKind.APPROVE, 1))
    assert (await asking.ended(case)).outcome == "ordered"


async def test_each_reminder_and_each_escalation_comes_once_and_in_order(asking: Asking) -> None:
    case, _ = await asking.ask(
        reminder=1 * DAYS,
        reminders=(2 * DAYS, 4 * DAYS),
        escalation=3 * DAYS,
        escalate_to=("person:mona",),
        escalations=(Escalation(after=5 * DAYS, to=("person:olga",)),),
        deadline=6 * DAYS,
    )
    await asking.skip(case, 7 * DAYS)
    await asking.ended(case)
    assert await asking.story(case, "reminded", "escalated", "expired") == [
        "A reminder was sent to Fay Nowak.",
        "A reminder was sent to Fay Nowak.",
        "Escalated: Mona Lind can decide now as well.",
        "The last reminder was sent to Fay Nowak and Mona Lind.",
        "Escalated: Olga Petrov can decide now as well.",
        "Nobody decided in time (Finance).",
    ]
    async with asking.database.across_tenants() as session:
        counted = select(Notification.event, func.count()).where(Notification.person_id == "fay")
        told = dict((await session.execute(counted.group_by(Notification.event))).all())
    assert told == {"requested": 1, "reminded": 2, "last_reminder": 1, "escalated": 2}


async def test_working_time_leaves_out_holidays_for_every_timer(asking: Asking, empty_calendar: Database) -> None:
    async with asking.database.across_tenants() as session:
        today = (await session.scalar(select(func.now()))).date()
        for day in range(7):
            session.add(WorkingHours(tenant_id="default", weekday=day, opens=time(0), closes=time(23, 59)))
        for days in (1, 2, 3):
            session.add(Holiday(tenant_id="default", day=today + days * DAYS, name="A long feast"))
    case, approval = await asking.ask(working_time=True, reminder=1 * DAYS, deadline=2 * DAYS)
    async with asking.database.across_tenants() as session:
        calendar = await calendar_of(session, "default")
    assert approval.expires_at == calendar.add(approval.asked_at, 2 * DAYS)
    assert approval.expires_at - approval.asked_at > 3 * DAYS
    await asking.skip(case, 3 * DAYS)
    assert (await asking.approval(case, "finance")).reminders_sent == 0
    await asking.skip(case, 3 * DAYS)
    assert (await asking.ended(case)).outcome == "expired"
    assert (await asking.approval(case, "finance")).reminders_sent == 1


async def test_own_answers_and_extra_fields_reach_the_workflow(asking: Asking) -> None:
    case, approval = await asking.ask(options=(RELEASE,))
    with pytest.raises(NotOffered):
        await asking.decide(approval, "fay", decision(DecisionKind.REJECT, 1, "no"))
    with pytest.raises(CommentNeeded):
        await asking.decide(approval, "fay", decision(DecisionKind.APPROVE, 1))
    await asking.decide(approval, "fay", decision(DecisionKind.APPROVE, 1, "fine", option="release"))
    ended = await asking.ended(case)
    assert ended.result is not None
    assert ended.result["sentence"] == "Fay Nowak: release."
    assert await asking.story(case, "approved") == ["released (version 1, Finance)."]


async def test_a_yes_carries_the_fields_that_the_step_declares(asking: Asking) -> None:
    asking.processes[KEY] = replace(asking.processes[KEY], decision_fields={"finance": Limit})
    case, approval = await asking.ask(options=(APPROVE,))
    with pytest.raises(ExtraWrong) as wrong:
        await asking.decide(approval, "fay", decision(DecisionKind.APPROVE, 1, extra={"up_to": 0, "more": 1}))
    assert set(wrong.value.errors) == {"up_to", "more"}
    await asking.decide(approval, "fay", decision(DecisionKind.APPROVE, 1, extra={"up_to": 500}))
    ended = await asking.ended(case)
    assert ended.result is not None
    assert ended.result["sentence"] == "Fay Nowak: approve up to 500."


async def test_where_a_no_only_counts_it_is_rejected_when_a_yes_has_become_impossible(asking: Asking) -> None:
    who = ("person:fay", "person:finn", "person:mona")
    case, approval = await asking.ask(who=who, percent=60, veto=Veto.NO_COUNTS)
    assert approval.policy["needed"] == 2
    await asking.decide(approval, "finn", decision(DecisionKind.REJECT, 1, "Too dear."))
    assert (await asking.approval(case, "finance")).state == "open"
    await asking.decide(approval, "mona", decision(DecisionKind.REJECT, 1, "Too large."))
    assert (await asking.ended(case)).outcome == "rejected"


async def _until(asking: Asking, approval: Approval, true: Callable[[Approval], bool]) -> None:
    async def find() -> Approval | None:
        async with asking.database.across_tenants() as session:
            now = await session.get_one(Approval, approval.id)
        return now if true(now) else None

    looking: Callable[[], Awaitable[Approval | None]] = find
    await eventually(looking)
