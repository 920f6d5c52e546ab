"""The inbox and the other lists: pages of approvals, and counters from the same rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Subquery, exists, func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from backend.cases.core.access import Processes
from backend.cases.core.actor import Actor
from backend.cases.inbox.filters import InboxFilter, Tab
from backend.cases.inbox.rows import Place, Window, found, in_order, keys_of, read_place
from backend.database.pages import COUNT_UP_TO, BadCursor, Page, page_of, read_cursor
from backend.database.tables import Approval, Candidate, Case, Person, Waiting
from backend.kit.decision import DecisionKind
from backend.kit.priority import Priority

MINE = InboxFilter()
# As its index has it: PostgreSQL does not find that by a parameter.
FOR_ADVICE = Waiting.role == literal_column("'advise'")
NO_PROCESSES: Processes = {}


@dataclass(frozen=True)
class InboxItem:
    """One approval in a list, with its business fields and its place in the order.

    `advises` says that the reader is asked for advice on it alone, `shared` that others are asked too. `approve` is the
    label of the one option that approves without a comment; empty if there is none, or if approvals of this kind have
    to be opened.
    """

    id: UUID
    step: str
    label: str
    question: str
    state: str
    due_at: datetime
    asked_at: datetime
    decided_at: datetime | None
    reference: str
    process: str
    title: str
    amount: Decimal | None
    currency: str | None
    requester: str
    version: int
    claimed_by: str | None = None
    claimed_name: str | None = None
    advises: bool = False
    shared: bool = False
    approve: str = ""
    priority: int = Priority.NORMAL
    values: Mapping[str, Any] = field(default_factory=dict)
    place: Place = ()

    @property
    def overdue(self) -> bool:
        """Whether it is past its due time."""
        return self.state == "open" and self.due_at < datetime.now(self.due_at.tzinfo)

    @property
    def urgent(self) -> bool:
        """Whether its process gave it high priority."""
        return self.priority == Priority.HIGH


async def inbox(
    session: AsyncSession,
    actor: Actor,
    only: InboxFilter = MINE,
    after: str = "",
    limit: int = 50,
    *,
    processes: Processes = NO_PROCESSES,
) -> Page[InboxItem]:
    """One page of a list. BadCursor if `after` is not valid; `processes` say what may be seen by right."""
    behind = _read_cursor(only, after) if after else None
    return _page(only, await _items(session, actor, only, Window(behind, limit + 1), processes), limit)


async def counted_inbox(
    session: AsyncSession, actor: Actor, only: InboxFilter, limit: int = 50, *, processes: Processes = NO_PROCESSES
) -> tuple[Page[InboxItem], int]:
    """The first page of a list and how many it holds, up to 1,000, in one pass."""
    every = select(found(actor, processes, only, Window(None, COUNT_UP_TO))).cte("every")
    first = select(every).order_by(*in_order(every, only)).limit(limit + 1).subquery("w")
    fitting = select(func.count()).select_from(every).scalar_subquery()
    rows = (await session.execute(_shown(actor, only, first).add_columns(fitting))).all()
    return _page(only, [_item(only, *row[:-1]) for row in rows], limit), rows[0][-1] if rows else 0


def _page(only: InboxFilter, items: list[InboxItem], limit: int) -> Page[InboxItem]:
    return page_of(items, limit, lambda item: (only.tab, only.sort.word, *item.place))


async def waiting_count(
    session: AsyncSession, actor: Actor, only: InboxFilter = MINE, *, processes: Processes = NO_PROCESSES
) -> int:
    """How many the list holds, up to 1,000."""
    rows = found(actor, processes, only, Window(None, COUNT_UP_TO))
    return await session.scalar(select(func.count()).select_from(rows)) or 0


async def to_decide_count(session: AsyncSession, actor: Actor, only: InboxFilter, fitting: int) -> int:
    """How many of the `fitting` wait for a decision and not only for advice."""
    mine = (Waiting.tenant_id == actor.tenant, Waiting.principal == actor.principals[0], FOR_ADVICE)
    if only.tab is not Tab.MINE or not await session.scalar(select(exists().where(*mine))):
        return fitting
    return await waiting_count(session, actor, replace(only, to_decide=True))


async def neighbours(
    session: AsyncSession, actor: Actor, only: InboxFilter, position: Place, processes: Processes
) -> tuple[InboxItem | None, InboxItem | None]:
    """The approvals before and after a position in this list."""
    if only.tab is Tab.DONE:
        return None, None
    back = replace(only, sort=only.sort.turned)
    before = await _items(session, actor, back, Window(position, 1), processes)
    after = await _items(session, actor, only, Window(position, 1), processes)
    return next(iter(before), None), next(iter(after), None)


def place_of(approval: Approval, only: InboxFilter) -> Place:
    """The position that an approval has, or would have, in this list."""
    if only.tab is Tab.DONE:
        return ()
    return (*(getattr(approval, name) for name in keys_of(only)), approval.id)


async def _items(
    session: AsyncSession, actor: Actor, only: InboxFilter, window: Window, processes: Processes
) -> list[InboxItem]:
    statement = _shown(actor, only, found(actor, processes, only, window))
    return [_item(only, *row) for row in await session.execute(statement)]


def _shown(actor: Actor, only: InboxFilter, rows: Subquery) -> Select[Any]:
    """These rows as they are shown, in order."""
    holder = aliased(Person)
    advises = _seated(actor.principals[:1], "advise") & ~_seated(actor.principals, "decide")
    shared = exists().where(
        Candidate.approval_id == Approval.id, Candidate.principal != actor.principals[0], Candidate.role == "decide"
    )
    known = [*(getattr(Approval, name) for name in _OF_APPROVAL), *(getattr(Case, name) for name in _OF_CASE)]
    keys = (rows.c[name] for name in keys_of(only))
    shown: Select[Any] = (
        select(*known, Approval.fields, Person.name, holder.name, advises, shared, *_OF_POLICY, *keys)
        .select_from(rows)
        .join(Approval, Approval.id == rows.c.approval_id)
        .join(Case, Case.id == Approval.case_id)
        .join(Person, Person.id == Case.opened_by)
        .outerjoin(holder, holder.id == Approval.claimed_by)
        .order_by(*in_order(rows, only))
    )
    return shown


def _seated(principals: list[str], role: str) -> ColumnElement[bool]:
    """Whether one of them has this role."""
    return exists().where(
        Candidate.approval_id == Approval.id, Candidate.principal.in_(principals), Candidate.role == role
    )


# Only what is shown: the documents of an approval and its case take longer to read than all the rest.
_OF_APPROVAL = ("id", "step", "label", "question", "state", "due_at", "asked_at", "decided_at", "claimed_by")
_OF_CASE = ("reference", "process", "title", "amount", "currency", "version", "priority")
_OF_POLICY = (Approval.policy["bulk"].as_boolean(), Approval.policy["options"])
_SHOWN = (*_OF_APPROVAL, *_OF_CASE, "values", "requester", "claimed_name", "advises", "shared", "bulk", "options")


def _item(only: InboxFilter, *row: Any) -> InboxItem:
    about, keys = dict(zip(_SHOWN, row, strict=False)), row[len(_SHOWN) :]
    if only.tab is Tab.DONE:
        about["decided_at"] = keys[0]
    about["values"] = about["values"] or {}
    bulk, options = about.pop("bulk"), about.pop("options")
    about["approve"] = _approve_label(options or []) if bulk else ""
    return InboxItem(**about, place=(*keys, about["id"]))


def _approve_label(options: list[Mapping[str, Any]]) -> str:
    """The label of the one option that approves, unless it needs a comment."""
    found = [each for each in options if each["counts_as"] == DecisionKind.APPROVE]
    return str(found[0]["label"]) if len(found) == 1 and not found[0].get("comment") else ""


def _read_cursor(only: InboxFilter, after: str) -> Place:
    """A cursor belongs to its list and order."""
    tab, sort, *parts = read_cursor(after, len(keys_of(only)) + 3)
    if (tab, sort) != (only.tab, only.sort.word):
        raise BadCursor(after)
    return read_place(only, parts)
