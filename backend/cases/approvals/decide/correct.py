"""Correct the request within the decision: what the policy allows, before and after kept, for everybody to see.

Whoever corrects becomes an editor of the case: they still decide here, where the policy let them correct, and nowhere
after.
"""

from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import select

from backend.cases.approvals.core.candidates import able_people
from backend.cases.approvals.core.feasibility import check_feasibility
from backend.cases.approvals.core.locked_approval import LockedApproval, locked_approval, shorten
from backend.cases.approvals.decide.decide import refuse_if_stale
from backend.cases.approvals.decide.votes import KEPT
from backend.cases.core.access import Processes
from backend.cases.core.actor import Actor
from backend.cases.core.differences import differences
from backend.cases.core.errors import NotCorrectable, NothingChanged
from backend.cases.core.versions import write_version
from backend.cases.outbox import outbox
from backend.database.engine import Database
from backend.database.tables import Approval, CaseVersion, Vote
from backend.kit.case import Amended
from backend.kit.notification import NotificationEvent


async def correct(
    database: Database,
    processes: Processes,
    approval_id: UUID,
    form: BaseModel,
    version: int,
    reason: str = "",
    *,
    by: Actor,
) -> Approval:
    """Write the corrected form as the next version; NotCorrectable for any other field than the policy names."""
    words = shorten(reason)
    async with locked_approval(database, processes, approval_id, by) as here:
        here.require_decider()
        await refuse_if_stale(here.session, here.process, here.case, version)
        before, after = here.case.input, form.model_dump(mode="json")
        changed = {name for name in here.process.input.model_fields if before.get(name) != after.get(name)}
        if changed - set(here.policy.correctable):
            raise NotCorrectable
        if not changed:
            raise NothingChanged
        what = ", ".join(change.label for change in differences(here.process.input, before, after))
        await write_version(here.session, here.case, here.process, form, here.person)
        row = await here.session.get_one(CaseVersion, (here.case.id, here.case.version))
        row.corrected_in, here.approval.version = here.approval.id, here.case.version
        await _settle_votes(here)
        news = Amended(version=here.case.version, edited_by=here.person.person_id, input=here.case.input)
        await outbox.enqueue(here.session, here.case, outbox.Message.CORRECT, news)
        sentence = f"corrected the request (version {here.case.version}): {what}."
        facts = {"before": version, "after": here.case.version, "fields": sorted(changed)}
        await here.tell("correct", sentence, quote=words, **facts)
        return here.approval


async def _settle_votes(here: LockedApproval) -> None:
    """What others answered to the former version is kept or void, as the policy says."""
    votes = list(await here.session.scalars(select(Vote).where(Vote.approval_id == here.approval.id)))
    if here.policy.keep_votes:
        for vote in votes:
            vote.kind = KEPT
        return
    for vote in votes:
        await here.session.delete(vote)
    await here.session.flush()
    if votes:
        await check_feasibility(here.session, here.approval, here.case)
        again = {vote.person_id for vote in votes} & set(
            await able_people(here.session, here.policy.who, here.policy.left_out)
        )
        note = "The request was corrected, so your answer to the former version is void."
        await here.tell("void", "made the earlier answers void by correcting it.", void=sorted(again))
        await here.notify(NotificationEvent.REQUESTED, again, note)
