"""Amend: when changes were requested, the requester edits the form, and approval starts over."""

from datetime import datetime

from pydantic import BaseModel
from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from backend.cases.approvals.core.close import end_undo_window
from backend.cases.approvals.core.errors import StaleVersion
from backend.cases.audit.record import body_of
from backend.cases.core.access import Processes, case_of
from backend.cases.core.actor import Actor
from backend.cases.core.compared import compared, file_names
from backend.cases.core.errors import NotAllowed
from backend.cases.core.records import CaseRecords, JournalLine, OutboxMessage, write_records
from backend.cases.core.versions import write_version
from backend.cases.lifecycle.errors import CaseClosed, NotSentBack
from backend.cases.outbox import outbox
from backend.database.engine import Database
from backend.database.pages import COUNT_UP_TO
from backend.database.tables import Approval, Case, CaseVersion
from backend.kit.approval import ApprovalState
from backend.kit.case import Amended
from backend.kit.i18n import N_
from backend.kit.process import Process

_newer = aliased(Approval)
# The approval that was asked last sent the case back, and nobody wrote a version since.
_SENT_BACK = (
    select(Case, Approval)
    .join(Approval, Approval.case_id == Case.id)
    .where(
        Case.closed_at.is_(None),
        Case.recall_requested_at.is_(None),
        Approval.state == ApprovalState.SENT_BACK,
        ~exists().where(_newer.case_id == Case.id, _newer.asked_at > Approval.asked_at),
        ~exists().where(CaseVersion.case_id == Case.id, CaseVersion.at > Approval.decided_at),
    )
)


async def sent_back(session: AsyncSession, case: Case, *, lock: bool = False) -> Approval | None:
    """The approval that requested changes and waits for a new version, locked on request; None if there is none."""
    statement = _SENT_BACK.with_only_columns(Approval).where(Case.id == case.id)
    found: Approval | None = await session.scalar(statement.with_for_update(of=Approval) if lock else statement)
    return found


async def sent_back_to(session: AsyncSession, actor: Actor) -> list[tuple[Case, Approval]]:
    """Their own cases that wait for a new version, with the approvals that sent them back; up to 1,000."""
    mine = _SENT_BACK.where(Case.tenant_id == actor.tenant, Case.opened_by == actor.person_id)
    rows = await session.execute(mine.order_by(Approval.decided_at, Case.id).limit(COUNT_UP_TO))
    return [(case, approval) for case, approval in rows]


def change_until(case: Case, process: Process, approval: Approval) -> datetime | None:
    """Until when what was sent back can be changed, where its process sets a limit."""
    within = process.change_within_of(process.plan.model_validate(case.plan))
    return approval.decided_at + within if within is not None and approval.decided_at is not None else None


async def amend(
    database: Database, processes: Processes, reference: str, form: BaseModel, version: int, *, by: Actor
) -> Case:
    """Write the next version; the same again is the same result.

    NotSentBack unless the case waits for it, StaleVersion if it was changed otherwise.
    """
    async with database.transaction(by.tenant) as session:
        case = await case_of(session, by, reference, processes)
        if case.opened_by != by.person_id:
            raise NotAllowed(N_("Only the requester can edit this."))
        # Approvals are locked before their case, as deciding does, so that the two cannot block each other.
        await sent_back(session, case, lock=True)
        case = await session.get_one(Case, case.id, with_for_update=True, populate_existing=True)
        process = processes[case.process]
        if case.closed_at is not None:
            raise CaseClosed
        if version + 1 == case.version and case.input == form.model_dump(mode="json"):
            return case
        if version != case.version:
            old = await session.get(CaseVersion, (case.id, version))
            before = old.input if old else {}
            files = await file_names(session, process.input, before, case.input)
            raise StaleVersion(case.version, compared(process.input, before, case.input, files))
        back = await sent_back(session, case)  # anew: what this waited for may have written a version
        if back is None or case.recall_requested_at is not None:
            raise NotSentBack
        await _refuse_if_late(session, case, process, back)
        await end_undo_window(session, back)  # what was changed because of it, nobody takes back
        await write_version(session, case, process, form, by)
        await _record(session, case, by)
        return case


async def _refuse_if_late(session: AsyncSession, case: Case, process: Process, back: Approval) -> None:
    until = change_until(case, process, back)
    now = (await session.execute(select(func.clock_timestamp()))).scalar_one()
    if until is not None and now >= until:
        raise NotSentBack(N_("The deadline to edit this request has passed."))


async def _record(session: AsyncSession, case: Case, by: Actor) -> None:
    sentence = N_("edited the request (version {version}). Approval starts over.").format(version=case.version)
    line = JournalLine(key=f"amend:{case.version}", kind="amended", sentence=sentence, actor=by.person_id)
    amended = Amended(version=case.version, edited_by=by.person_id, input=case.input)
    message = OutboxMessage(outbox.Message.AMEND, amended)
    fact = body_of("case.amend", by.person_id, case.reference, version=case.version)
    await write_records(session, CaseRecords.of(case, [line], [message], [fact]))
