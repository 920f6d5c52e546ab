"""Case actions: a person takes an action that a running case offers, once an offer.

The case's row, while it is locked, decides who was first. What was taken is kept as long as the case, so that the same
action with the same key is the same result whenever it comes again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.audit.record import body_of
from backend.cases.core.access import Processes, case_of
from backend.cases.core.actor import Actor, names_of, read_actor
from backend.cases.core.errors import KeyReused, NotAllowed, NotFound
from backend.cases.core.records import CaseRecords, JournalLine, OutboxMessage, write_records
from backend.cases.core.versions import write_version
from backend.cases.lifecycle.errors import ActionNotOffered, CaseClosed
from backend.cases.outbox import outbox
from backend.database.engine import Database
from backend.database.tables import Case, TakenAction
from backend.kit.action import REQUESTER, ActionTaken, CaseAction, OfferedAction
from backend.kit.i18n import N_
from backend.kit.process import Process
from backend.kit.progress import Progress


@dataclass(frozen=True)
class Offer:
    """An action that somebody may take now, and until when."""

    action: CaseAction[Any]
    offered: OfferedAction


@dataclass(frozen=True)
class ActionResult:
    """The case after the action, and the sentence that its journal has of it."""

    case: Case
    sentence: str
    replayed: bool


class CloseOffer(BaseModel):
    """Which offer a workflow closes, because its deadline has passed or it is no longer needed."""

    tenant: str
    case_id: UUID
    offer: int


def action_of(process: Process, key: str) -> CaseAction[Any]:
    """The action of this process; NotFound if it has none with this key."""
    action = process.action(key)
    if action is None:
        raise NotFound(N_("“{process}” has no action {key}.").format(process=process.title, key=key[:40]))
    return action


def may_take(actor: Actor, case: Case, action: CaseAction[Any]) -> bool:
    """Whether the action is for this person."""
    own = {*actor.principals, *({REQUESTER} if case.opened_by == actor.person_id else ())}
    return bool(own & set(action.who))


def offers_to(actor: Actor, case: Case, process: Process, progress: Progress) -> list[Offer]:
    """The actions that this person may take now; none once the case is closed or being withdrawn."""
    if case.closed_at is not None or case.recall_requested_at is not None:
        return []
    known = ((process.action(offered.key), offered) for offered in progress.actions)
    return [Offer(action, offered) for action, offered in known if action and may_take(actor, case, action)]


async def offer_to(
    session: AsyncSession, actor: Actor, reference: str, key: str, processes: Processes
) -> tuple[Case, Offer]:
    """The case and its offer of this action to this person; NotFound, NotAllowed or ActionNotOffered."""
    case = await case_of(session, actor, reference, processes)
    action = action_of(processes[case.process], key)
    if not may_take(actor, case, action):
        raise NotAllowed(N_("You do not have permission to do this: “{action}”.").format(action=action.label))
    return case, Offer(action, await _offer(session, case, action))


async def take_action(
    database: Database, processes: Processes, reference: str, action_key: str, given: BaseModel, *, key: str, by: Actor
) -> ActionResult:
    """Take an action, once a key: the same again is the same result. ActionNotOffered if it is too late or taken."""
    async with database.transaction(by.tenant) as session:
        case = await case_of(session, by, reference, processes)
        case = await session.get_one(Case, case.id, with_for_update=True, populate_existing=True)
        person = await read_actor(session, by.person_id)
        if person is None:
            raise NotFound
        process = processes[case.process]
        action = action_of(process, action_key)
        if not may_take(person, case, action):
            raise NotAllowed(N_("You do not have permission to do this: “{action}”.").format(action=action.label))
        own_key = f"{person.person_id}:{key}"  # nobody learns of another person's actions by guessing keys
        replayed = await _taken_before(session, case, own_key, action, given)
        if not replayed:
            offered = await _offer(session, case, action)
            await _take(session, case, process, Offer(action, offered), given, own_key, person)
        return ActionResult(case, f"You {action.journal(given)}", replayed)


async def _taken_before(session: AsyncSession, case: Case, key: str, action: CaseAction[Any], given: BaseModel) -> bool:
    """Whether this very action was accepted already; KeyReused if the key belongs to another one."""
    mine = (TakenAction.case_id == case.id, TakenAction.key == key)
    taken = await session.scalar(select(TakenAction).where(*mine))
    if taken is not None and (taken.action, taken.input) != (action.key, given.model_dump(mode="json")):
        raise KeyReused
    return taken is not None


async def _offer(session: AsyncSession, case: Case, action: CaseAction[Any]) -> OfferedAction:
    """The offer that is open, by the database's clock."""
    if case.closed_at is not None:
        raise CaseClosed
    if case.recall_requested_at is not None:
        sentence = N_("{reference} is being withdrawn, so no other action is possible.")
        raise ActionNotOffered(case.reference, sentence.format(reference=case.reference))
    offered = Progress.model_validate(case.progress).offered(action.key)
    if offered is None or await session.get(TakenAction, (case.id, offered.offer)) is not None:
        sentence = N_("“{action}” is not available now. Nothing was changed.")
        raise ActionNotOffered(case.reference, sentence.format(action=action.label))
    now: datetime = (await session.execute(select(func.clock_timestamp()))).scalar_one()
    if offered.until is not None and now >= offered.until:
        sentence = N_("“{action}” is no longer available: its deadline has passed. Nothing was changed.")
        raise ActionNotOffered(case.reference, sentence.format(action=action.label))
    return offered


async def _take(
    session: AsyncSession, case: Case, process: Process, offer: Offer, given: BaseModel, key: str, by: Actor
) -> None:
    action, number = offer.action, offer.offered.offer
    if action.change is not None:
        form = action.change(process.input.model_validate(case.input), given)
        await write_version(session, case, process, form, by)
    _close(case, number)
    taken = TakenAction(
        tenant_id=case.tenant_id,
        case_id=case.id,
        offer=number,
        key=key,
        action=action.key,
        input=given.model_dump(mode="json"),
        version=case.version,
        person_id=by.person_id,
        at=datetime.now(UTC),
    )
    session.add(taken)
    await session.flush()
    line = JournalLine(key=f"act:{number}", kind=action.key, sentence=action.journal(given), actor=by.person_id)
    message = OutboxMessage(outbox.Message.ACT, _signal(taken, by.name))
    facts = {"did": action.key, "offer": number, "version": case.version}
    fact = body_of("case.act", by.person_id, case.reference, **facts)
    await write_records(session, CaseRecords.of(case, [line], [message], [fact]))


def _close(case: Case, offer: int) -> None:
    progress = Progress.model_validate(case.progress)
    progress.close_offer(offer)
    case.progress = progress.model_dump(mode="json")


async def taken_actions(session: AsyncSession, case: Case, offers: Sequence[int]) -> list[ActionTaken]:
    """What people did of these offers, in their order."""
    mine = (TakenAction.case_id == case.id, TakenAction.offer.in_(offers))
    rows = list(await session.scalars(select(TakenAction).where(*mine).order_by(TakenAction.offer)))
    names = await names_of(session, {row.person_id for row in rows})
    return [_signal(row, names[row.person_id]) for row in rows]


def _signal(taken: TakenAction, name: str) -> ActionTaken:
    """What the workflow receives."""
    known = taken.model_dump(include={"action", "offer", "key", "at", "version", "input"})
    return ActionTaken(**known, by=taken.person_id, name=name)


async def close_offer(database: Database, closing: CloseOffer) -> ActionTaken | None:
    """Close an offer; the action that somebody took in time is returned. Safe to repeat."""
    async with database.transaction(closing.tenant) as session:
        case = await session.get_one(Case, closing.case_id, with_for_update=True)
        if case.closed_at is None:
            _close(case, closing.offer)
        taken = await session.get(TakenAction, (case.id, closing.offer))
        if taken is None:
            return None
        names = await names_of(session, {taken.person_id})
        return _signal(taken, names[taken.person_id])
