"""A bulk job as people see it: its totals before it starts, and each result afterwards."""

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from statistics import median

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.approvals.core.eligibility import Eligibility, eligibilities, refusal
from backend.cases.core.access import Processes
from backend.cases.core.actor import Actor
from backend.cases.core.compared import compared, file_names
from backend.cases.core.differences import Difference
from backend.cases.core.edit_script import Budget
from backend.cases.core.text_differences import MOST_COMPARISONS
from backend.database.tables import Approval, BulkItem, BulkJob, Case, CaseVersion, Person
from backend.kit.approval import ApprovalState
from backend.kit.i18n import N_
from backend.kit.process import Process

FAR_ABOVE = 3  # times the median of its currency; fewer than three amounts have no usual one
ENOUGH_TO_COMPARE = 3


@dataclass(frozen=True)
class BulkProgress:
    """The progress of a job: how many were decided, were refused, and are waiting."""

    decided: int
    refused: int
    waiting: int

    @property
    def total(self) -> int:
        """How many there are."""
        return self.decided + self.refused + self.waiting

    @property
    def over(self) -> bool:
        """Whether every approval has its result."""
        return self.waiting == 0


@dataclass
class BulkRow:
    """One approval of the job; `barred` says why it cannot be decided here, `changes` what is new since then."""

    item: BulkItem
    approval: Approval
    case: Case
    requester: str
    barred: str = ""
    changes: list[Difference] = field(default_factory=list)
    outlier: bool = False

    @property
    def counts(self) -> bool:
        """Whether it will be decided."""
        return not self.barred and self.item.version == self.case.version


@dataclass(frozen=True)
class BulkView:
    """The job with its rows, the totals of those that count by currency, and its progress."""

    job: BulkJob
    rows: list[BulkRow]
    sums: dict[str, Decimal]

    @property
    def progress(self) -> BulkProgress:
        """The progress, counted from the rows that are shown: a second query could be ahead of them."""
        states = Counter(row.item.state for row in self.rows)
        return BulkProgress(states["decided"], states["refused"], states["waiting"] + states["picked"])

    @property
    def counting(self) -> list[BulkRow]:
        """What will be decided."""
        return [row for row in self.rows if row.counts]

    @property
    def left_out(self) -> list[BulkRow]:
        """What will not: closed, changed, or to be decided individually."""
        return [row for row in self.rows if not row.counts]

    @property
    def outliers(self) -> list[BulkRow]:
        """What is far above the usual amount."""
        return [row for row in self.counting if row.outlier]


async def bulk_view(session: AsyncSession, job: BulkJob, processes: Processes, actor: Actor) -> BulkView:
    """The whole job, with why this person cannot decide a row, and the amounts that are far above the usual one."""
    statement = (
        select(BulkItem, Approval, Case, Person.name)
        .join(Approval, Approval.id == BulkItem.approval_id)
        .join(Case, Case.id == Approval.case_id)
        .join(Person, Person.id == Case.opened_by)
        .where(BulkItem.job_id == job.id)
        .order_by(BulkItem.position)
    )
    rows = [BulkRow(*found) for found in await session.execute(statement)]
    if job.choice is None:
        seen = await eligibilities(session, actor, [row.approval.id for row in rows])
        budget = Budget(MOST_COMPARISONS)
        for row in rows:
            row.barred = _barred(actor, row.approval, seen[row.approval.id], processes[row.case.process])
            row.changes = await _changes(session, row, processes, budget)
    counting = [row for row in rows if row.counts]
    _mark_outliers(counting)
    return BulkView(job, rows, _sums(counting))


def _barred(actor: Actor, approval: Approval, seen: Eligibility, process: Process) -> str:
    if approval.state != ApprovalState.OPEN:
        return N_("This approval is already closed.")
    reason = refusal(actor, approval, seen)
    if reason is not None:
        return reason.sentence
    if not approval.fixed_policy.bulk:
        return N_("This approval has to be decided individually.")
    return N_("Approving needs more fields. Decide it on its page.") if approval.step in process.decision_fields else ""


async def _changes(session: AsyncSession, row: BulkRow, processes: Processes, budget: Budget) -> list[Difference]:
    if row.item.version == row.case.version:
        return []
    seen = await session.get(CaseVersion, (row.case.id, row.item.version))
    model, before = processes[row.case.process].input, seen.input if seen else {}
    return compared(model, before, row.case.input, await file_names(session, model, before, row.case.input), budget)


def _sums(rows: list[BulkRow]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for row in rows:
        if row.case.amount is not None and row.case.currency:
            sums[row.case.currency] = sums.get(row.case.currency, Decimal()) + row.case.amount
    return sums


def _mark_outliers(rows: list[BulkRow]) -> None:
    for currency in {row.case.currency for row in rows}:
        alike = [row for row in rows if row.case.currency == currency and row.case.amount is not None]
        if len(alike) < ENOUGH_TO_COMPARE:
            continue
        usual = median(row.case.amount or Decimal() for row in alike)
        for row in alike:
            row.outlier = (row.case.amount or Decimal()) > usual * FAR_ABOVE
