"""The runner of bulk jobs: claims waiting items, decides each approval individually, and records the result.

Items in progress are locked, not leased: if the runner dies, its locks go with its connection and another takes over.
If it dies between a decision and its record, the same decision comes again, which is the same result.
"""

import asyncio
import logging
from datetime import UTC, datetime

from sqlalchemy import select

from backend.cases.approvals.core.errors import StaleVersion
from backend.cases.approvals.core.locked_approval import locked_approval
from backend.cases.approvals.decide.decide import decide
from backend.cases.approvals.decide.decision import Channel, Decision
from backend.cases.core.access import Processes
from backend.cases.core.actor import Actor, read_actor
from backend.cases.core.errors import CaseError, NotAllowed
from backend.cases.core.worker_loop import WorkerLoop
from backend.cases.inbox.bulk import CHANNEL
from backend.database.engine import Database
from backend.database.errors import DatabaseAway
from backend.database.tables import BulkItem, BulkJob
from backend.kit.approval import ApprovalState, DecisionKind
from backend.kit.i18n import N_

log = logging.getLogger(__name__)
POLL_SECONDS = 2.0
AT_ONCE = 5
OUR_FAULT = N_("Something went wrong on our side. Open the approval to see its state.")
_WORDS = {
    ApprovalState.APPROVED: N_("Approved."),
    ApprovalState.REJECTED: N_("Rejected."),
    ApprovalState.OPEN: N_("Decision recorded, more are needed."),
}


class BulkRunner:
    """Decides waiting items, a few at a time, next to any number of other runners."""

    def __init__(self, database: Database, processes: Processes) -> None:
        self._database = database
        self._processes = processes
        self._loop = WorkerLoop("The runner of bulk jobs", self.some, poll=POLL_SECONDS)

    async def run(self, stop: asyncio.Event) -> None:
        """Decide until `stop` is set, then finish what is in progress."""
        await self._loop.run(stop, self._database.url, CHANNEL)

    async def some(self) -> bool:
        """Decide the next few; False if nothing waits."""
        async with self._database.across_tenants() as session:
            waiting = (
                select(BulkItem, BulkJob)
                .join(BulkJob, BulkJob.id == BulkItem.job_id)
                .where(BulkItem.state == "waiting")
                .order_by(BulkItem.job_id, BulkItem.position)
                .limit(AT_ONCE)
                .with_for_update(of=BulkItem, skip_locked=True)
            )
            rows = (await session.execute(waiting)).all()
            await asyncio.gather(*(self.decide_one(item, job) for item, job in rows))
            await session.flush()
        return bool(rows)

    async def decide_one(self, item: BulkItem, job: BulkJob) -> None:
        """Decide one approval, and return its result or why it was refused."""
        try:
            person = await self._person(job)
            kind, key = DecisionKind(job.choice or ""), item.approval_id
            decision = Decision(kind=kind, version=item.version, comment=job.comment, channel=Channel.BULK)
            async with locked_approval(self._database, self._processes, key, person, share_case=True) as locked:
                await decide(locked, decision)
        except CaseError as refused:
            item.state, item.code, item.sentence = "refused", refused.code, refused.sentence
            if isinstance(refused, StaleVersion):
                item.differences = [vars(change) for change in refused.differences]
        except DatabaseAway:
            raise
        except Exception:  # an error in one must not stop the others
            log.exception("bulk item %s/%s failed", job.id, item.position)
            item.state, item.code, item.sentence = "refused", "internal_error", OUR_FAULT
        else:
            item.state = "decided"
            item.sentence = _WORDS.get(ApprovalState(locked.approval.state), N_("Your decision is recorded."))
        item.at = datetime.now(UTC)

    async def _person(self, job: BulkJob) -> Actor:
        """The person whose job it is, with their current rights. NotAllowed if they have left."""
        async with self._database.transaction(job.tenant_id) as session:
            person = await read_actor(session, job.person_id)
        if person is None:
            raise NotAllowed(N_("Your account is no longer active."))
        return person
