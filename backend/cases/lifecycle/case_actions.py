"""Act: a person does what a running case offers, once an offer; the case's row, while it is locked, is the arbiter."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.audit.record import record_fact
from backend.cases.core.access import Processes, case_of
from backend.cases.core.actor import Actor, read_actor
from backend.cases.core.errors import ActionNotOffered, CaseClosed, KeyReused, NotAllowed, NotFound
from backend.cases.core.journal import JournalLine, add_to_journal
from backend.cases.core.versions import write_version
from backend.cases.outbox import outbox
from backend.database.engine import Database
from backend.database.tables import Case, OutboxRow
from backend.kit.action import REQUESTER, ActionTaken, CaseAction, OfferedAction
from backend.kit.process import Process
from backend.kit.progress import Progress


@dataclass(frozen=True)
class Offer:
    """An action that somebody may take now, and until when."""

    action: CaseAction[Any]
    offered: OfferedAction


@dataclass(frozen=True)
class ActionResult:
    """The case after the act, and the sentence that its story tells of it."""

    case: Case
    sentence: str
    replayed: bool


class CloseOffer(BaseModel):
    """Which offer a workflow ends, because its time is up or it is not needed any more."""

    tenant: str
    case_id: UUID
    offer: int


def action_of(process: Process, key: str) -> CaseAction[Any]:
    """The action of this process; NotFound if it has none with this key."""
    action = process.action(key)
    if action is None:
        raise NotFound(f"“{process.title}” has no action {key[:40]}.")
    return action


def may_take(actor: Actor, case: Case, action: CaseAction[Any]) -> bool:
    """Whether this person is one of those whom the action is for."""
    own = {*actor.principals, *({REQUESTER} if case.opened_by == actor.person_id else ())}
    return bool(own & set(action.who))


def offers_to(actor: Actor, case: Case, process: Process, progress: Progress) -> list[Offer]:
    """What this person may do with the case now; nothing once it is over or recalled."""
    if case.closed_at is not None or case.recall_requested_at is not None:
        return []
    known = ((process.action(offered.key), offered) for offered in progress.actions)
    return [Offer(action, offered) for action, offered in known if action and may_take(actor, case, action)]


async def offer_to(
    session: AsyncSession, actor: Actor, reference: str, key: str, processes: Processes
) -> tuple[Case, Offer]:
    """The case and what it offers, before this person acts; NotFound, NotAllowed or ActionNotOffered."""
    case = await case_of(session, actor, reference, processes)
    action = action_of(processes[case.process], key)
    if not may_take(actor, case, action):
        raise NotAllowed(f"“{action.label}” is not yours to do.")
    return case, Offer(action, await _offer(session, case, action))


async def take_action(
    database: Database, processes: Processes, reference: str, action_key: str, given: BaseModel, *, key: str, by: Actor
) -> ActionResult:
    """Do it, once a key: the same act again is the same result. ActionNotOffered if it is too late or was done."""
    async with database.transaction(by.tenant) as session:
        case = await case_of(session, by, reference, processes)
        case = await session.get_one(Case, case.id, with_for_update=True, populate_existing=True)
        person = await read_actor(session, by.person_id)
        if person is None:
            raise NotFound
        process = processes[case.process]
        action = action_of(process, action_key)
        if not may_take(person, case, action):
            raise NotAllowed(f"“{action.label}” is not yours to do.")
        own_key = f"{person.person_id}:{key}"  # nobody learns of another's acts by guessing keys
        wanted = {"action": action.key, "input": given.model_dump(mode="json")}
        replayed = await _done_before(session, case, own_key, wanted)
        if not replayed:
            offered = await _offer(session, case, action)
            await _do(session, case, process, Offer(action, offered), given, own_key, person)
        return ActionResult(case, f"You {action.told(given)}", replayed)


async def _done_before(session: AsyncSession, case: Case, key: str, wanted: Mapping[str, Any]) -> bool:
    """Whether this very act was accepted already; KeyReused if the key stood for another one."""
    mine = (OutboxRow.case_id == case.id, OutboxRow.kind == outbox.Message.ACT)
    former = await session.scalar(select(OutboxRow.payload).where(*mine, OutboxRow.payload["key"].astext == key))
    if former is not None and any(former[name] != value for name, value in wanted.items()):
        raise KeyReused
    return former is not None


async def _offer(session: AsyncSession, case: Case, action: CaseAction[Any]) -> OfferedAction:
    """The offer that stands, by the database's clock."""
    if case.closed_at is not None:
        raise CaseClosed
    if case.recall_requested_at is not None:
        sentence = f"{case.reference} is being recalled, so nothing else can be done with it."
        raise ActionNotOffered(case.reference, sentence)
    offered = Progress.model_validate(case.progress).offered(action.key)
    if offered is None or await _act_on(session, case.id, offered.offer) is not None:
        raise ActionNotOffered(case.reference, f"“{action.label}” is not possible now. Nothing was changed.")
    now: datetime = (await session.execute(select(func.clock_timestamp()))).scalar_one()
    if offered.until is not None and now >= offered.until:
        raise ActionNotOffered(
            case.reference, f"“{action.label}” came too late: its time was over. Nothing was changed."
        )
    return offered


async def _act_on(session: AsyncSession, case_id: UUID, offer: int) -> ActionTaken | None:
    """The act that an offer has already."""
    mine = (OutboxRow.case_id == case_id, OutboxRow.kind == outbox.Message.ACT)
    found = await session.scalar(
        select(OutboxRow.payload).where(*mine, OutboxRow.payload["offer"].as_integer() == offer)
    )
    return ActionTaken.model_validate(found) if found is not None else None


async def _do(
    session: AsyncSession, case: Case, process: Process, offer: Offer, given: BaseModel, key: str, by: Actor
) -> None:
    action, number = offer.action, offer.offered.offer
    if action.change is not None:
        form = action.change(process.input.model_validate(case.input), given)
        await write_version(session, case, process, form, by)
    progress = Progress.model_validate(case.progress)
    progress.close_offer(number)
    case.progress = progress.model_dump(mode="json")
    line = JournalLine(key=f"act:{number}", kind=action.key, sentence=action.told(given), actor=by.person_id)
    await add_to_journal(session, case, line)
    message = ActionTaken(
        action=action.key,
        offer=number,
        key=key,
        by=by.person_id,
        name=by.name,
        at=datetime.now(UTC),
        version=case.version,
        input=given.model_dump(mode="json"),
    )
    await outbox.enqueue(session, case, outbox.Message.ACT, message)
    facts = {"did": action.key, "offer": number, "version": case.version}
    await record_fact(session, case.tenant_id, "case.act", by.person_id, case.reference, **facts)


async def close_offer(database: Database, closing: CloseOffer) -> ActionTaken | None:
    """Nobody can act on this offer any more; what somebody did in time is returned. Safe to repeat."""
    async with database.transaction(closing.tenant) as session:
        case = await session.get_one(Case, closing.case_id, with_for_update=True)
        if case.closed_at is None:
            progress = Progress.model_validate(case.progress)
            progress.close_offer(closing.offer)
            case.progress = progress.model_dump(mode="json")
        return await _act_on(session, case.id, closing.offer)
