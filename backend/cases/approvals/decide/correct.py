"""Correct the request while deciding: the fields that the policy names, with the version before kept.

Correcting makes a person an editor of the case: they can still decide this approval, but no later one.
"""

from pydantic import BaseModel
from sqlalchemy import select

from backend.cases.approvals.core.candidates import able_people
from backend.cases.approvals.core.errors import NotCorrectable, NothingChanged
from backend.cases.approvals.core.feasibility import check_feasibility
from backend.cases.approvals.core.locked_approval import LockedApproval, optional_text
from backend.cases.approvals.decide.decision import KEPT
from backend.cases.approvals.decide.validate import refuse_if_stale
from backend.cases.core.differences import differences
from backend.cases.core.versions import write_version
from backend.cases.outbox import outbox
from backend.database.tables import CaseVersion, RecordedDecision
from backend.kit.case import Amended
from backend.kit.i18n import N_
from backend.kit.notification import NotificationEvent


async def correct(locked: LockedApproval, form: BaseModel, version: int, reason: str = "") -> None:
    """Save the corrected form as the next version; NotCorrectable for a field that the policy does not name."""
    reason = optional_text(reason)
    locked.require_decider()
    await refuse_if_stale(locked, version)
    case, process = locked.case, locked.process
    before, after = case.input, form.model_dump(mode="json")
    changed = {name for name in process.input.model_fields if before.get(name) != after.get(name)}
    if changed - set(locked.policy.correctable):
        raise NotCorrectable
    if not changed:
        raise NothingChanged
    fields = ", ".join(change.label for change in differences(process.input, before, after))
    await _write(locked, form)
    sentence = N_("corrected the request (version {version}): {fields}.").format(version=case.version, fields=fields)
    facts = {"before": version, "after": case.version, "fields": sorted(changed)}
    await locked.record("correct", sentence, quote=reason, **facts)


async def _write(locked: LockedApproval, form: BaseModel) -> None:
    case, approval, person = locked.case, locked.approval, locked.person
    await write_version(locked.session, case, locked.process, form, person)
    row = await locked.session.get_one(CaseVersion, (case.id, case.version))
    row.corrected_in, approval.version = approval.id, case.version
    await _keep_or_void_decisions(locked)
    amended = Amended(version=case.version, edited_by=person.person_id, input=case.input)
    await outbox.enqueue(locked.session, case, outbox.Message.CORRECT, amended)


async def _keep_or_void_decisions(locked: LockedApproval) -> None:
    """Decisions on the previous version are kept or void, as the policy says."""
    session, approval = locked.session, locked.approval
    mine = RecordedDecision.approval_id == approval.id
    decisions = list(await session.scalars(select(RecordedDecision).where(mine)))
    if locked.policy.keep_votes:
        for each in decisions:
            each.kind = KEPT
        return
    for each in decisions:
        await session.delete(each)
    await session.flush()
    if decisions:
        await check_feasibility(session, approval, locked.case)
        able = await able_people(session, locked.policy.who, locked.policy.left_out)
        again = {each.person_id for each in decisions} & set(able)
        note = N_("The request was corrected, so your earlier decision no longer counts.")
        await locked.record("void", N_("voided the earlier decisions by correcting the request."), void=sorted(again))
        await locked.notify(NotificationEvent.REQUESTED, again, note)
