"""Amend: after a send-back the requester changes the form, and the approval starts again."""

from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.access import Processes, case_of
from backend.cases.actor import Actor
from backend.cases.audit.facts import record_fact
from backend.cases.delivery import outbox
from backend.cases.differences import differences
from backend.cases.errors import CaseClosed, NotAllowed, NotSentBack, StaleVersion
from backend.cases.journal import JournalLine, tell
from backend.cases.versions import write_version
from backend.database.engine import Database
from backend.database.tables import Approval, Case, CaseVersion
from backend.kit.approval import ApprovalState
from backend.kit.case import Amended


async def sent_back(session: AsyncSession, case: Case) -> Approval | None:
    """The approval that sent the case back and waits for a new version; None if none does."""
    newest = select(Approval).where(Approval.case_id == case.id).order_by(Approval.asked_at.desc())
    approval = await session.scalar(newest.limit(1))
    if approval is None or approval.state != ApprovalState.SENT_BACK or case.closed_at is not None:
        return None
    seen = await session.get(CaseVersion, (case.id, case.version))
    already = seen is not None and approval.decided_at is not None and seen.at > approval.decided_at
    return None if already else approval


async def amend(
    database: Database, processes: Processes, reference: str, form: BaseModel, version: int, *, by: Actor
) -> Case:
    """Write the next version. NotSentBack unless the case waits for it, StaleVersion if somebody was faster."""
    async with database.transaction(by.tenant) as session:
        case = await case_of(session, by, reference, processes)
        if case.opened_by != by.person_id:
            raise NotAllowed("Only who asked for this can change it.")
        case = await session.get_one(Case, case.id, with_for_update=True, populate_existing=True)
        process = processes[case.process]
        if case.closed_at is not None:
            raise CaseClosed
        if version != case.version:
            old = await session.get(CaseVersion, (case.id, version))
            raise StaleVersion(case.version, differences(process.input, old.input if old else {}, case.input))
        if await sent_back(session, case) is None:
            raise NotSentBack
        await write_version(session, case, process, form, by)
        await _tell(session, case, by)
        return case


async def _tell(session: AsyncSession, case: Case, by: Actor) -> None:
    sentence = f"changed the request (version {case.version}). It is asked again."
    line = JournalLine(key=f"amend:{case.version}", kind="amended", sentence=sentence, actor=by.person_id)
    await tell(session, case, line)
    message = Amended(version=case.version, edited_by=by.person_id, input=case.input)
    await outbox.enqueue(session, case, outbox.Message.AMEND, message)
    facts = {"version": case.version}
    await record_fact(session, case.tenant_id, "case.amend", by.person_id, case.reference, **facts)
