"""Advice: an approver asks a colleague, who recommends and gives it back; the final word stays with the approver."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.approvals.core.locked_approval import LockedApproval, locked_approval, required_text, shorten
from backend.cases.approvals.core.seats import ADVISE, end_advice, newcomer, seat
from backend.cases.core.access import Processes
from backend.cases.core.actor import Actor, names_of
from backend.cases.core.errors import AdviceAlreadyRequested, NoAdviceRequested, NotAllowed, Unsuitable
from backend.database.engine import Database
from backend.database.tables import AdviceRequest
from backend.kit.approval import DecisionKind
from backend.kit.notification import NotificationEvent

_ADVICE = {
    DecisionKind.APPROVE: "recommended a yes",
    DecisionKind.REJECT: "recommended a no",
    DecisionKind.SEND_BACK: "recommended to send it back",
}


async def request_advice(
    database: Database, processes: Processes, approval_id: UUID, to: str, note: str, *, by: Actor
) -> AdviceRequest:
    """Ask one colleague for a recommendation. AlreadyDelegated while another one of theirs is open."""
    words = shorten(note)
    async with locked_approval(database, processes, approval_id, by) as here:
        here.require_decider()
        if not here.policy.consultation:
            raise NotAllowed("This approval is answered without anybody's recommendation.")
        if await _open_of(here, here.person.person_id) is not None:
            raise AdviceAlreadyRequested
        adviser = await newcomer(here, to)
        if adviser.id in here.policy.handed_over:
            raise Unsuitable(f"{adviser.name} handed this over.")
        row = AdviceRequest(
            tenant_id=here.case.tenant_id,
            approval_id=here.approval.id,
            from_person=here.person.person_id,
            to_person=adviser.id,
            note=words,
        )
        here.session.add(row)
        await seat(here.session, here.approval, adviser.id, ADVISE)
        await here.tell("delegate", f"asked {adviser.name} for a recommendation.", quote=words, to_person=adviser.id)
        await here.notify(NotificationEvent.QUESTION, [adviser.id], words)
        return row


async def give_advice(
    database: Database, processes: Processes, approval_id: UUID, choice: DecisionKind, words: str, *, by: Actor
) -> AdviceRequest:
    """Recommend and give it back to everyone who asked. A recommendation is no vote."""
    kept = required_text(words, "Write why you recommend this.")
    async with locked_approval(database, processes, approval_id, by) as here:
        here.require_open()
        asked = await _asked_of(here)
        for row in asked:
            row.advice, row.words, row.answered_at = choice.value, kept, here.seen.now
            await end_advice(here.session, here.approval, row, "answered")
        names = await names_of(here.session, {row.from_person for row in asked})
        sentence = f"{_ADVICE[choice]}; {' and '.join(sorted(names.values()))} has the final word."
        await here.tell("advise", sentence, quote=kept, advice=choice)
        await here.notify(NotificationEvent.ANSWERED, [row.from_person for row in asked], kept)
        return asked[0]


async def withdraw_advice(database: Database, processes: Processes, approval_id: UUID, *, by: Actor) -> AdviceRequest:
    """Stop waiting for the recommendation."""
    async with locked_approval(database, processes, approval_id, by) as here:
        here.require_open()
        row = await _open_of(here, here.person.person_id)
        if row is None:
            raise NoAdviceRequested
        await end_advice(here.session, here.approval, row, "taken_back")
        adviser = (await names_of(here.session, {row.to_person}))[row.to_person]
        await here.tell("take_back", f"no longer waits for a recommendation of {adviser}.", to_person=row.to_person)
        return row


async def _open_of(here: LockedApproval, person_id: str) -> AdviceRequest | None:
    mine = (AdviceRequest.approval_id == here.approval.id, AdviceRequest.from_person == person_id)
    found: AdviceRequest | None = await here.session.scalar(
        select(AdviceRequest).where(*mine, AdviceRequest.state == "open")
    )
    return found


async def _asked_of(here: LockedApproval) -> list[AdviceRequest]:
    mine = (AdviceRequest.approval_id == here.approval.id, AdviceRequest.to_person == here.person.person_id)
    found = list(await here.session.scalars(select(AdviceRequest).where(*mine, AdviceRequest.state == "open")))
    if not found:
        raise NoAdviceRequested("Nobody waits for your recommendation here.")
    return found


async def advice_on(session: AsyncSession, approval_id: UUID) -> list[AdviceRequest]:
    """Every recommendation that was asked for, oldest first."""
    statement = select(AdviceRequest).where(AdviceRequest.approval_id == approval_id).order_by(AdviceRequest.at)
    return list(await session.scalars(statement))
