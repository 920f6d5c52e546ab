"""A stand-in for the workflow of one purchase, advanced by the test: it reads the outbox and can replay."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update

from backend.cases.approvals.decide.timers import DeadlineReached, close_approval
from backend.cases.approvals.request.open_approval import ApprovalRequest, open_approval
from backend.cases.lifecycle.report import Report
from backend.cases.lifecycle.workflow_writes import WorkflowWrites
from backend.database.engine import Database
from backend.database.tables import Approval, Case, OutboxRow
from backend.kit.approval import ApprovalState, Step
from backend.kit.case import CaseEnd
from backend.kit.progress import Milestone, Progress

DAY = timedelta(days=1)
MOVING = frozenset({"start", "decide", "amend", "recall"})  # anything else changes what it knows, not where it is
COMMON: dict[str, Any] = {
    "question": "Buy it?",
    "due": DAY,
    "deadline": 60 * DAY,
    "undo_within": timedelta(hours=1),
    "correctable": ("cost_centre",),
}
STEPS = (
    Step(key="manager", label="Manager", who=("person:mona",), **COMMON),
    Step(key="finance", label="Finance", who=("group:finance",), needed=0, **COMMON),
)


class WorkflowByHand:
    """The state of a case's workflow, and the outbox rows it has received."""

    def __init__(self, database: Database, case: Case) -> None:
        self._database = database
        self._case = case
        self._heard: list[OutboxRow] = []
        self.waits_for: UUID | None = None

    async def begin(self) -> None:
        """Start again from the history, as a new worker does."""
        place, number = 0, 1
        await self._ask(place, number)
        for row in self._heard:
            if row.kind == "recall":
                return await self._end("recalled")
            if row.kind == "amend":
                place, number = 0, number + 1
                await self._ask(place, number)
            if row.kind == "decide" and self.waits_for == UUID(row.payload["approval_id"]):
                ended = await self._go_on(row.payload["verdict"], place)
                place += 1
                if not ended and self.waits_for is not None:
                    await self._ask(place, number)
        return None

    async def _go_on(self, verdict: str, place: int) -> bool:
        if verdict == "sent_back":
            self.waits_for = None
            return False
        if verdict != "approved":
            await self._end(verdict)
            return True
        if place + 1 == len(STEPS):
            await self._end("ordered")
            return True
        return False

    async def _ask(self, place: int, number: int) -> None:
        step = STEPS[place]
        question = ApprovalRequest(
            tenant="default",
            case_id=self._case.id,
            step=step,
            round=number,
            asked_at=datetime.now(UTC),
            subject="it",
            progress=Progress(milestones=[Milestone(key=each.key, label=each.label) for each in STEPS]),
        )
        asked = await open_approval(self._database, question)
        self.waits_for = asked.approval_id

    async def _end(self, outcome: str) -> None:
        self.waits_for = None
        end = CaseEnd(outcome=outcome, sentence="")
        await WorkflowWrites(self._database).report(
            Report(tenant="default", case_id=self._case.id, progress=Progress(), end=end)
        )

    async def hear(self) -> list[str]:
        """Receive everything that is due, in order; a delayed row delays those after it."""
        async with self._database.transaction("default") as session:
            mine = (OutboxRow.case_id == self._case.id, OutboxRow.state == "waiting")
            rows = list(await session.scalars(select(OutboxRow).where(*mine).order_by(OutboxRow.id)))
            now = await session.scalar(select(func.clock_timestamp()))
            due = []
            for row in rows:
                if row.due_at > now:
                    break
                due.append(row)
            ids = [row.id for row in due]
            await session.execute(update(OutboxRow).where(OutboxRow.id.in_(ids)).values(state="sent", attempts=1))
        self._heard += due
        if any(row.kind in MOVING for row in due):
            await self.begin()
        return [row.kind for row in due]

    async def time_passes(self) -> None:
        """End the time to undo a decision."""
        async with self._database.transaction("default") as session:
            now = {"due_at": func.clock_timestamp()}
            await session.execute(update(OutboxRow).where(OutboxRow.case_id == self._case.id).values(now))
            past = {"undo_until": func.clock_timestamp()}
            held = (Approval.case_id == self._case.id, Approval.undo_until.is_not(None))
            await session.execute(update(Approval).where(*held).values(past))

    async def deadline(self) -> None:
        """The timer of the open approval fires."""
        if self.waits_for is not None:
            closing = DeadlineReached(tenant="default", approval_id=self.waits_for, verdict=ApprovalState.EXPIRED)
            stands = await close_approval(self._database, closing)
            row = OutboxRow(
                tenant_id="default",
                case_id=self._case.id,
                kind="decide",
                workflow_id="",
                payload=stands.model_dump(mode="json"),
            )
            self._heard.append(row)
            await self.begin()
