"""A message to a case that Countersign did not send: it has no effect, and journal, audit log and admins say so."""

from dataclasses import dataclass

from sqlalchemy import select

from backend.cases.audit.record import body_of
from backend.cases.core.records import CaseRecords, JournalLine, write_records
from backend.cases.notifications.notify import notify_attention
from backend.database.engine import Database
from backend.database.tables import Case, JournalEntry
from backend.kit.i18n import N_
from backend.kit.naming import case_workflow_id

KIND = "refused_message"


@dataclass(frozen=True)
class RefusedMessage:
    """To which workflow, the name of the signal or what else it was, and why it was refused."""

    workflow_id: str
    name: str
    reason: str


async def record_refused(database: Database, message: RefusedMessage) -> bool:
    """Record it, once for each case and name; False if it was recorded before or belongs to no case."""
    async with database.across_tenants() as session:
        mine = Case.workflow_id == case_workflow_id(message.workflow_id)
        case = await session.scalar(select(Case).where(mine))
    if case is None:
        return False
    key = f"{KIND}:{message.name}"
    async with database.transaction(case.tenant_id) as session:
        case = await session.get_one(Case, case.id, with_for_update=True)
        known = select(JournalEntry.id).where(JournalEntry.case_id == case.id, JournalEntry.key == key)
        if await session.scalar(known) is not None:
            return False
        sentence = N_("A message that Countersign did not send was refused ({name}). It has no effect.")
        line = JournalLine(key=key, kind=KIND, sentence=sentence.format(name=message.name))
        facts = {"name": message.name, "reason": message.reason, "workflow": message.workflow_id}
        fact = body_of("case.refused_message", "workflow", case.reference, **facts)
        await write_records(session, CaseRecords.of(case, [line], facts=[fact]))
        await notify_attention(session, case, line.sentence, ())
    return True
