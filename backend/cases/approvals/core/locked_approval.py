"""One approval under lock, with all that an act on it needs, and the one way to tell of it."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.approvals.core.eligibility import Eligibility, eligibility, refusal
from backend.cases.audit.record import body_of
from backend.cases.core.access import Processes, approval_of, may_operate
from backend.cases.core.actor import Actor, names_of, read_actor
from backend.cases.core.errors import AlreadyDecided, CaseError, CommentNeeded, CommentTooLong, FourEyes, NotFound
from backend.cases.core.records import CaseRecords, JournalLine, write_records
from backend.cases.notifications.notify import notify
from backend.database.engine import Database
from backend.database.ids import new_id
from backend.database.tables import Approval, Case
from backend.kit.approval import ApprovalPolicy, ApprovalState
from backend.kit.notification import NotificationEvent
from backend.kit.process import Process

MAX_WORDS = 4000


@dataclass(frozen=True)
class LockedApproval:
    """An approval and its case, both locked, and who acts with the rights of this moment."""

    session: AsyncSession
    approval: Approval
    case: Case
    process: Process
    person: Actor
    seen: Eligibility

    @property
    def policy(self) -> ApprovalPolicy:
        """The policy as it stands."""
        return self.approval.fixed_policy

    @property
    def operates(self) -> bool:
        """Whether this person may put cases of this process right."""
        return may_operate(self.person, self.process)

    @property
    def barred(self) -> CaseError | None:
        """Why this person may not decide here; None if they may."""
        return refusal(self.person, self.approval, self.seen)

    def require_open(self) -> None:
        """AlreadyDecided unless it still waits."""
        if self.approval.state != ApprovalState.OPEN:
            raise AlreadyDecided(self.approval.state, self.seen.closed_by, self.approval.decided_at)

    def require_decider(self) -> None:
        """The reason, unless this person may decide."""
        if self.barred is not None:
            raise self.barred

    def require_say(self) -> None:
        """The reason, unless this person may decide or puts cases of this process right; four eyes for both."""
        self.require_open()
        if self.person.person_id in self.seen.involved:
            raise FourEyes("You asked for this or changed it, so somebody else chooses who decides.")
        if not self.operates:
            self.require_decider()

    async def tell(self, kind: str, sentence: str, *, quote: str = "", **facts: object) -> None:
        """The journal in business words, and the proof in the audit trail."""
        line = JournalLine(
            key=f"{kind}:{new_id()}", kind=kind, sentence=sentence, actor=self.person.person_id, quote=quote
        )
        proof: dict[str, object] = {"approval": str(self.approval.id), "step": self.approval.step, **facts}
        fact = body_of(f"approval.{kind}", self.person.person_id, self.case.reference, **proof)
        await write_records(self.session, CaseRecords.of(self.case, [line], facts=[fact]))

    async def notify(self, event: NotificationEvent, to: Collection[str], note: str = "") -> None:
        """Tell people in the app and by mail that this person did it."""
        key, by = f"{event}:{new_id()}", self.person.person_id
        await notify(self.session, self.case, event, to, approval=self.approval, key=key, note=note, by=by)


@asynccontextmanager
async def locked_approval(
    database: Database, processes: Processes, approval_id: UUID, by: Actor
) -> AsyncIterator[LockedApproval]:
    """One transaction over this approval and its case, locked in this order; NotFound if it is not theirs to see."""
    async with database.transaction(by.tenant) as session:
        approval = await approval_of(session, by, approval_id, processes, lock=True)
        person = await read_actor(session, by.person_id)
        if person is None:
            raise NotFound
        case = await session.get_one(Case, approval.case_id, with_for_update=True, populate_existing=True)
        closed_by = (await names_of(session, {approval.decided_by or ""})).get(approval.decided_by or "", "")
        seen = await eligibility(session, person, approval, closed_by)
        yield LockedApproval(session, approval, case, processes[case.process], person, seen)
        await session.flush()


def required_text(words: str, missing: str) -> str:
    """Words of 1 to 4,000 characters. CommentNeeded with this sentence, or CommentTooLong."""
    kept = words.strip()
    if not kept:
        raise CommentNeeded(missing)
    return shorten(kept)


def shorten(words: str) -> str:
    """Words of up to 4,000 characters, or none."""
    if len(words) > MAX_WORDS:
        raise CommentTooLong
    return words.strip()
