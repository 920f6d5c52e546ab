"""One approval under lock: every action on an approval, from any page or program, is loaded and checked here."""

from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.approvals.core.eligibility import Eligibility, eligibility, refusal
from backend.cases.approvals.core.errors import AlreadyDecided, FourEyes
from backend.cases.audit.record import body_of
from backend.cases.core.access import Processes, approval_of, may_operate
from backend.cases.core.actor import Actor, names_of, read_actor
from backend.cases.core.errors import CaseError, CommentNeeded, CommentTooLong, NotFound
from backend.cases.core.records import CaseRecords, JournalLine, write_records
from backend.cases.notifications.notify import notify
from backend.database.engine import Database
from backend.database.ids import new_id
from backend.database.tables import Approval, Case
from backend.kit.approval import ApprovalPolicy, ApprovalState
from backend.kit.i18n import N_
from backend.kit.notification import NotificationEvent
from backend.kit.process import Process
from backend.kit.text import paragraphs

MAX_TEXT = 4000
REFUSALS = frozenset({403, 409})  # a form to correct is none


@dataclass(frozen=True)
class LockedApproval:
    """An approval with its case, locked in one transaction, and a person with their rights of this moment."""

    session: AsyncSession
    approval: Approval
    case: Case
    process: Process
    person: Actor
    eligibility: Eligibility
    attempts: list[dict[str, object]] = field(default_factory=list)

    @property
    def policy(self) -> ApprovalPolicy:
        """The policy of this moment: reassigning and adding approvers changes it."""
        return self.approval.fixed_policy

    @property
    def operates(self) -> bool:
        """Whether this person may repair cases of this process."""
        return may_operate(self.person, self.process)

    @property
    def refusal(self) -> CaseError | None:
        """Why this person may not decide; None if they may."""
        return refusal(self.person, self.approval, self.eligibility)

    def attempt(self, choice: str, channel: str, version: int) -> None:
        """Record a decision before it is checked: if it is refused, the audit log shows it."""
        self.attempts.append({"choice": choice, "channel": channel, "version": version})

    def require_open(self) -> None:
        """AlreadyDecided unless it is open."""
        if self.approval.state != ApprovalState.OPEN:
            raise AlreadyDecided(self.approval.state, self.eligibility.closed_by, self.approval.decided_at)

    def require_decider(self) -> None:
        """The refusal, unless this person may decide."""
        if self.refusal is not None:
            raise self.refusal

    def require_decider_or_operator(self) -> None:
        """The refusal, unless this person may decide or operates the process; four eyes apply to both."""
        self.require_open()
        if self.person.person_id in self.eligibility.involved:
            raise FourEyes(N_("You requested or changed this, so somebody else has to choose who decides."))
        if not self.operates:
            self.require_decider()

    async def record(self, kind: str, sentence: str, *, audit: str = "", quote: str = "", **facts: object) -> None:
        """Write the journal in business words, and the audit log under `approval.<audit or kind>`."""
        by = self.person.person_id
        line = JournalLine(key=f"{kind}:{new_id()}", kind=kind, sentence=sentence, actor=by, quote=quote)
        proof: dict[str, object] = {"approval": str(self.approval.id), "step": self.approval.step, **facts}
        fact = body_of(f"approval.{audit or kind}", by, self.case.reference, **proof)
        await write_records(self.session, CaseRecords.of(self.case, [line], facts=[fact]))

    async def notify(self, event: NotificationEvent, to: Collection[str], note: str = "") -> None:
        """Notify people in the app and by email of what this person did."""
        key, by = f"{event}:{new_id()}", self.person.person_id
        await notify(self.session, self.case, event, to, approval=self.approval, key=key, note=note, by=by)


@asynccontextmanager
async def locked_approval(
    database: Database, processes: Processes, approval_id: UUID, by: Actor, *, share_case: bool = False
) -> AsyncIterator[LockedApproval]:
    """One transaction with this approval and then its case locked; NotFound if this person may not see it.

    A decision that is refused in it is written to the audit log.

    With `share_case` other approvals of the same case can be locked meanwhile: for actions that leave the case as it
    is.
    """
    attempts: list[dict[str, object]] = []
    about: list[str] = []
    try:
        async with _locked(database, processes, approval_id, by, share_case=share_case) as locked:
            attempts, about = locked.attempts, [locked.case.reference]
            yield locked
    except CaseError as refused:
        if attempts and refused.status in REFUSALS:
            await _record_refusal(database, by, about[0], attempts[-1] | {"approval": str(approval_id)}, refused)
        raise


async def _record_refusal(
    database: Database, by: Actor, reference: str, attempt: Mapping[str, object], refused: CaseError
) -> None:
    """Its own transaction: that of the refused decision is rolled back."""
    async with database.transaction(by.tenant) as session:
        fact = body_of("approval.refuse", by.person_id, reference, code=refused.code, **attempt)
        await write_records(session, CaseRecords(tenant=by.tenant, facts=[fact]))


@asynccontextmanager
async def _locked(
    database: Database, processes: Processes, approval_id: UUID, by: Actor, *, share_case: bool
) -> AsyncIterator[LockedApproval]:
    async with database.transaction(by.tenant) as session:
        approval = await approval_of(session, by, approval_id, processes, lock=True)
        person = await read_actor(session, by.person_id)
        if person is None:
            raise NotFound
        mode = {"read": True} if share_case else True
        case = await session.get_one(Case, approval.case_id, with_for_update=mode, populate_existing=True)
        closed_by = (await names_of(session, {approval.decided_by or ""})).get(approval.decided_by or "", "")
        found = await eligibility(session, person, approval, closed_by)
        yield LockedApproval(session, approval, case, processes[case.process], person, found)
        await session.flush()


def required_text(text: str, missing: str) -> str:
    """Text of 1 to 4,000 characters. CommentNeeded with this sentence, or CommentTooLong."""
    kept = optional_text(text)
    if not kept:
        raise CommentNeeded(missing)
    return kept


def optional_text(text: str) -> str:
    """Text of up to 4,000 characters as it is kept; empty if it shows nothing."""
    kept = paragraphs(text)
    if len(kept) > MAX_TEXT:
        raise CommentTooLong
    return kept
