"""Advice: an approver asks a colleague for a recommendation, and still makes the decision."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.approvals.core.errors import AdviceAlreadyRequested, NoAdviceRequested, Unsuitable
from backend.cases.approvals.core.locked_approval import LockedApproval, optional_text, required_text
from backend.cases.approvals.core.seats import ADVISE, end_advice, new_adviser, seat
from backend.cases.core.actor import names_of
from backend.cases.core.errors import NotAllowed
from backend.database.tables import AdviceRequest
from backend.kit.approval import DecisionKind
from backend.kit.i18n import N_
from backend.kit.names import join_names
from backend.kit.notification import NotificationEvent

_RECOMMENDED = {
    DecisionKind.APPROVE: N_("recommended to approve; {names} will decide."),
    DecisionKind.REJECT: N_("recommended to reject; {names} will decide."),
    DecisionKind.SEND_BACK: N_("recommended to request changes; {names} will decide."),
}


async def request_advice(locked: LockedApproval, to: str, note: str = "") -> AdviceRequest:
    """Ask one colleague for a recommendation. AdviceAlreadyRequested while another request of theirs is open."""
    note = optional_text(note)
    locked.require_decider()
    if not locked.policy.consultation:
        raise NotAllowed(N_("Advice cannot be requested on this approval."))
    if await _open_request(locked) is not None:
        raise AdviceAlreadyRequested
    adviser = await new_adviser(locked, to)
    if adviser.id in locked.policy.handed_over:
        raise Unsuitable(N_("{name} reassigned this approval.").format(name=adviser.name))
    request = AdviceRequest(
        tenant_id=locked.case.tenant_id,
        approval_id=locked.approval.id,
        from_person=locked.person.person_id,
        to_person=adviser.id,
        note=note,
    )
    locked.session.add(request)
    await seat(locked.session, locked.approval, adviser.id, ADVISE)
    sentence = N_("requested advice from {name}.").format(name=adviser.name)
    await locked.record("delegate", sentence, quote=note, to_person=adviser.id)
    await locked.notify(NotificationEvent.QUESTION, [adviser.id], note)
    return request


async def give_advice(locked: LockedApproval, kind: DecisionKind, reason: str) -> AdviceRequest:
    """Send a recommendation to everyone who requested it. It does not count as a decision."""
    reason = required_text(reason, N_("Enter a reason for your recommendation."))
    locked.require_open()
    requests = await _requests_to(locked)
    for request in requests:
        request.advice, request.words, request.answered_at = kind.value, reason, locked.eligibility.now
        await end_advice(locked.session, locked.approval, request, "answered")
    names = sorted((await names_of(locked.session, {each.from_person for each in requests})).values())
    sentence = _RECOMMENDED[kind].format(names=join_names(names, word="and"))
    await locked.record("advise", sentence, quote=reason, advice=kind)
    await locked.notify(NotificationEvent.ANSWERED, [each.from_person for each in requests], reason)
    return requests[0]


async def withdraw_advice(locked: LockedApproval) -> AdviceRequest:
    """Withdraw one's own request for advice."""
    locked.require_open()
    request = await _open_request(locked)
    if request is None:
        raise NoAdviceRequested
    await end_advice(locked.session, locked.approval, request, "taken_back")
    adviser = (await names_of(locked.session, {request.to_person}))[request.to_person]
    sentence = N_("withdrew the request for advice from {name}.").format(name=adviser)
    await locked.record("take_back", sentence, to_person=request.to_person)
    return request


async def _open_request(locked: LockedApproval) -> AdviceRequest | None:
    """The open request of this person."""
    own = (AdviceRequest.approval_id == locked.approval.id, AdviceRequest.from_person == locked.person.person_id)
    found: AdviceRequest | None = await locked.session.scalar(
        select(AdviceRequest).where(*own, AdviceRequest.state == "open")
    )
    return found


async def _requests_to(locked: LockedApproval) -> list[AdviceRequest]:
    """The open requests to this person; NoAdviceRequested if there are none."""
    mine = (AdviceRequest.approval_id == locked.approval.id, AdviceRequest.to_person == locked.person.person_id)
    found = list(await locked.session.scalars(select(AdviceRequest).where(*mine, AdviceRequest.state == "open")))
    if not found:
        raise NoAdviceRequested(N_("Nobody is waiting for your advice on this approval."))
    return found


async def advice_on(session: AsyncSession, approval_id: UUID) -> list[AdviceRequest]:
    """All requests for advice, oldest first."""
    statement = select(AdviceRequest).where(AdviceRequest.approval_id == approval_id).order_by(AdviceRequest.at)
    return list(await session.scalars(statement))
