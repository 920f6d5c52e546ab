"""Advice: an approver asks a colleague, who recommends and gives it back; the final word stays with the approver."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.access import Processes
from backend.cases.actor import Actor, names_of
from backend.cases.approvals.scene import Scene, said, scene, short
from backend.cases.approvals.seats import ADVISE, end_advice, newcomer, seat
from backend.cases.errors import AlreadyDelegated, NotAllowed, NotDelegated, Unsuitable
from backend.cases.telling.tell import Event
from backend.database.engine import Database
from backend.database.tables import Delegation
from backend.kit.approval import Choice

_ADVICE = {
    Choice.APPROVE: "recommended a yes",
    Choice.REJECT: "recommended a no",
    Choice.SEND_BACK: "recommended to send it back",
}


async def delegate(
    database: Database, processes: Processes, approval_id: UUID, to: str, note: str, *, by: Actor
) -> Delegation:
    """Ask one colleague for a recommendation. AlreadyDelegated while another one of theirs is open."""
    words = short(note)
    async with scene(database, processes, approval_id, by) as here:
        here.require_decider()
        if not here.policy.delegation:
            raise NotAllowed("This approval is answered without anybody's recommendation.")
        if await _open_of(here, here.person.person_id) is not None:
            raise AlreadyDelegated
        adviser = await newcomer(here, to)
        if adviser.id in here.policy.handed_over:
            raise Unsuitable(f"{adviser.name} handed this over.")
        row = Delegation(
            tenant_id=here.case.tenant_id,
            approval_id=here.approval.id,
            from_person=here.person.person_id,
            to_person=adviser.id,
            note=words,
        )
        here.session.add(row)
        await seat(here.session, here.approval, adviser.id, ADVISE)
        await here.tell("delegate", f"asked {adviser.name} for a recommendation.", quote=words, to_person=adviser.id)
        await here.notify(Event.QUESTION, [adviser.id], words)
        return row


async def advise(
    database: Database, processes: Processes, approval_id: UUID, choice: Choice, words: str, *, by: Actor
) -> Delegation:
    """Recommend and give it back to everyone who asked. A recommendation is no vote."""
    kept = said(words, "Write why you recommend this.")
    async with scene(database, processes, approval_id, by) as here:
        here.require_open()
        asked = await _asked_of(here)
        for row in asked:
            row.advice, row.words, row.answered_at = choice.value, kept, here.seen.now
            await end_advice(here.session, here.approval, row, "answered")
        names = await names_of(here.session, {row.from_person for row in asked})
        sentence = f"{_ADVICE[choice]}; {' and '.join(sorted(names.values()))} has the final word."
        await here.tell("advise", sentence, quote=kept, advice=choice)
        await here.notify(Event.ANSWERED, [row.from_person for row in asked], kept)
        return asked[0]


async def take_back(database: Database, processes: Processes, approval_id: UUID, *, by: Actor) -> Delegation:
    """Stop waiting for the recommendation."""
    async with scene(database, processes, approval_id, by) as here:
        here.require_open()
        row = await _open_of(here, here.person.person_id)
        if row is None:
            raise NotDelegated
        await end_advice(here.session, here.approval, row, "taken_back")
        adviser = (await names_of(here.session, {row.to_person}))[row.to_person]
        await here.tell("take_back", f"no longer waits for a recommendation of {adviser}.", to_person=row.to_person)
        return row


async def _open_of(here: Scene, person_id: str) -> Delegation | None:
    mine = (Delegation.approval_id == here.approval.id, Delegation.from_person == person_id)
    found: Delegation | None = await here.session.scalar(select(Delegation).where(*mine, Delegation.state == "open"))
    return found


async def _asked_of(here: Scene) -> list[Delegation]:
    mine = (Delegation.approval_id == here.approval.id, Delegation.to_person == here.person.person_id)
    found = list(await here.session.scalars(select(Delegation).where(*mine, Delegation.state == "open")))
    if not found:
        raise NotDelegated("Nobody waits for your recommendation here.")
    return found


async def advice_on(session: AsyncSession, approval_id: UUID) -> list[Delegation]:
    """Every recommendation that was asked for, oldest first."""
    statement = select(Delegation).where(Delegation.approval_id == approval_id).order_by(Delegation.at)
    return list(await session.scalars(statement))
