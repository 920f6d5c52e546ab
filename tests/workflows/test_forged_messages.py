"""What strangers send to workflows has no effect: signals are hints, and only what our rows say counts."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select
from temporalio.client import Client, WorkflowFailureError
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

from backend.activities.core.errors import NOT_OURS
from backend.cases.approvals.request.open_approval import ApprovalRequest
from backend.cases.lifecycle.withdraw import withdraw
from backend.database.engine import Database
from backend.database.tables import AuditRow, Case, JournalEntry, Notification
from backend.kit.approval import ApprovalState, DecisionKind, Verdict
from backend.kit.case import Amended, Recall
from backend.kit.naming import workflow_id
from backend.processes import by_key
from backend.services.erp import Erp, IssuedOrder, PostgresErp, PurchaseOrder
from backend.workflows.core.task_queues import workflow_queue
from tests.support.cast import person
from tests.support.conditions import eventually
from tests.support.temporal import NAMESPACE, Desk


def stranger(desk: Desk) -> Client:
    """Temporal's own tools as anybody has them: no encryption, Temporal's own JSON."""
    return Client(desk.client.service_client, namespace=NAMESPACE)


async def forged(desk: Desk, case: Case, step: str) -> dict[str, Any]:
    """A verdict that nobody gave."""
    approval = await desk.approval(case, step)
    verdict = Verdict(
        approval_id=approval.id,
        step=step,
        round=1,
        verdict=ApprovalState.APPROVED,
        by=("fay",),
        names="Fay Nowak",
        version=1,
        at=case.opened_at,
    )
    return verdict.model_dump(mode="json")


async def waits_for(desk: Desk, case: Case) -> list[str]:
    """The steps whose verdict the workflow waits for, after everything that it was sent."""
    waiting = await desk.handle(case).query("waiting", result_type=list[ApprovalRequest])
    return [each.step.key for each in waiting]


async def lines(database: Database, case: Case) -> list[str]:
    async with database.across_tenants() as session:
        mine = (JournalEntry.case_id == case.id, JournalEntry.kind == "refused_message")
        return list(await session.scalars(select(JournalEntry.key).where(*mine).order_by(JournalEntry.id)))


async def test_a_plain_verdict_orders_nothing_and_raises_an_alarm(desk: Desk, database: Database) -> None:
    case = await desk.open(total="2000.00")
    handle = stranger(desk).get_workflow_handle(case.workflow_id)
    await handle.signal("decide", await forged(desk, case, "manager"))
    assert await waits_for(desk, case) == ["manager"]
    assert (await desk.case(case)).closed_at is None

    assert await eventually(lambda: lines(database, case)) == ["refused_message:decide"]
    async with database.across_tenants() as session:
        written = await session.scalars(select(AuditRow.body))
        facts = [body for body in written if "case.refused_message" in body]
        told = set(await session.scalars(select(Notification.person_id).where(Notification.event == "attention")))
    assert told == {"root"}
    assert len(facts) == 1
    assert "not encrypted" in facts[0]

    await desk.answer(case, "manager", "mona")
    await desk.answer(case, "finance", "fay")
    assert (await desk.ended(case)).outcome == "ordered"


async def test_a_verdict_with_our_own_encryption_counts_only_if_its_row_has_it(desk: Desk) -> None:
    case = await desk.open(total="2000.00")
    await desk.handle(case).signal("decide", await forged(desk, case, "manager"))
    assert await waits_for(desk, case) == ["manager"]
    await desk.answer(case, "manager", "mona", DecisionKind.REJECT, "Not this year.")
    assert (await desk.ended(case)).outcome == "rejected"


async def test_a_verdict_copied_from_another_case_counts_nowhere_else(desk: Desk) -> None:
    paid, case = await desk.open(), await desk.open()
    await desk.answer(paid, "manager", "mona")
    await desk.ended(paid)
    events = [event async for event in desk.handle(paid).fetch_history_events()]
    signals = [event.workflow_execution_signaled_event_attributes for event in events]
    copied = [signal.input.payloads[0] for signal in signals if signal.signal_name == "decide"]
    assert copied
    await desk.approval(case, "manager")
    for payload in copied:
        await stranger(desk).get_workflow_handle(case.workflow_id).signal("decide", RawValue(payload))
    assert await waits_for(desk, case) == ["manager"]
    assert (await desk.case(case)).closed_at is None


POISON: list[tuple[str, Any]] = [
    ("decide", 7),
    ("decide", ["no", "verdict"]),
    ("correct", {"version": 99, "edited_by": "eve", "input": {"title": ""}}),
    ("amend", {"version": "soon"}),
    ("recall", {"by": "eve", "at": "2026-01-01T00:00:00Z"}),
    ("act", {"offer": 1}),
    ("turn", None),
    ("child_moved", {"key": "accounts"}),
    ("no_such_signal", {"x": 1}),
]


@pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "encrypted"])
async def test_poison_is_ignored_and_the_case_goes_on_to_its_right_end(desk: Desk, *, encrypted: bool) -> None:
    case = await desk.open(total="2000.00")
    await desk.approval(case, "manager")
    handle = (desk.client if encrypted else stranger(desk)).get_workflow_handle(case.workflow_id)
    for name, content in POISON:
        await handle.signal(name, content)
    await desk.answer(case, "manager", "mona")
    for name, content in POISON:
        await handle.signal(name, content)
    await desk.answer(case, "finance", "fay")
    ended = await desk.ended(case)
    assert (ended.outcome, ended.version, ended.recall_requested_at) == ("ordered", 1, None)


async def test_a_forged_correction_and_withdrawal_change_nothing(desk: Desk) -> None:
    case = await desk.open(total="480.00")
    await desk.approval(case, "manager")
    dearer = case.input | {"vendor": "Eve Ltd"}
    await desk.handle(case).signal("correct", Amended(version=2, edited_by="mona", input=dearer))
    await desk.handle(case).signal("recall", Recall(by="ann", at=case.opened_at))
    assert await waits_for(desk, case) == ["manager"]
    await desk.answer(case, "manager", "mona")
    ended = await desk.ended(case)
    assert ended.outcome == "ordered"
    assert ended.result is not None
    assert "Eve Ltd" not in ended.result["sentence"]


async def test_hints_sent_while_everything_happens_at_once_do_no_harm(desk: Desk) -> None:
    cases = [await desk.open(total="2000.00") for _ in range(4)]

    async def hint(case: Case) -> None:
        handle = stranger(desk).get_workflow_handle(case.workflow_id)
        for _ in range(5):
            for name in ("decide", "recall", "amend"):
                await handle.signal(name, {})

    async def decide(case: Case) -> None:
        await desk.answer(case, "manager", "mona")
        await desk.answer(case, "finance", "fay")

    for case in cases:
        await desk.started(case)
    await asyncio.gather(*(hint(case) for case in cases), *(decide(case) for case in cases))
    assert [(await desk.ended(case)).outcome for case in cases] == ["ordered"] * 4


async def test_a_withdrawal_is_read_from_its_row(desk: Desk) -> None:
    case = await desk.open(total="2000.00")
    await desk.answer(case, "manager", "mona")
    await desk.approval(case, "finance")
    ann = await person(desk.database, "ann")
    await withdraw(desk.database, by_key(), case.reference, "Not needed.", by=ann)
    assert (await desk.ended(case)).outcome == "recalled"


async def test_a_workflow_that_a_stranger_starts_fails_at_once(desk: Desk) -> None:
    case = await desk.open()
    await desk.approval(case, "manager")
    own_id = workflow_id("default", "purchase_approval", "PUR-999999")
    handle = await stranger(desk).start_workflow(
        "PurchaseApprovalWorkflow",
        {"tenant": "default", "reference": case.reference, "case_id": str(case.id)},
        id=own_id,
        task_queue=workflow_queue("purchasing"),
    )
    with pytest.raises(WorkflowFailureError) as failed:
        await handle.result()
    assert isinstance(failed.value.cause, ApplicationError)
    assert failed.value.cause.type == NOT_OURS


class SlowErp(PostgresErp):
    """An ERP that answers when told to."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.asked, self.go = asyncio.Event(), asyncio.Event()

    async def issue(self, order: PurchaseOrder) -> IssuedOrder:
        self.asked.set()
        await self.go.wait()
        return await super().issue(order)


class TestWithAnErpThatIsSlow:
    """A stranger completes its activity meanwhile."""

    @pytest.fixture
    def erp(self, database: Database) -> Erp:
        return SlowErp(database)

    async def test_a_forged_result_is_refused_and_the_case_needs_attention(self, desk: Desk, erp: SlowErp) -> None:
        case = await desk.open()
        await desk.answer(case, "manager", "mona")
        await erp.asked.wait()
        described = await desk.handle(case).describe()
        pending = described.raw_description.pending_activities[0]
        activity = stranger(desk).get_async_activity_handle(
            workflow_id=case.workflow_id, run_id=described.run_id, activity_id=pending.activity_id
        )
        await activity.complete({"number": "PO-FORGED"})
        ended = await desk.ended(case)
        erp.go.set()
        assert ended.outcome == "order_failed"
        assert "did not come from Countersign" in str(ended.attention)
