"""The approvals of a list, in order, from a position on: one statement that list and counter share.

Rows are walked in the order of an index, per principal or per state, and the walk ends with the page. Four eyes and
previous decisions are applied during the walk, so a list is never shorter than its counter says.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CTE,
    ColumnElement,
    Integer,
    Select,
    String,
    Subquery,
    and_,
    bindparam,
    exists,
    false,
    func,
    literal_column,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.orm import aliased

from backend.cases.core.access import Processes, visible_cases
from backend.cases.core.actor import Actor
from backend.cases.inbox.filters import InboxFilter, Key, Sort, Tab, due_between
from backend.cases.inbox.substitutions import covered, with_substitutions
from backend.database.pages import BadCursor, read_moment
from backend.database.patterns import holds
from backend.database.tables import Approval, Candidate, Case, CaseVersion, RecordedDecision, Waiting
from backend.kit.approval import ApprovalState
from backend.kit.forms import describe
from backend.kit.priority import Priority

MOST_CENTS = 2**63 - 1  # a bigint
Place = tuple[Any, ...]
_KEYS = {Key.DUE: ("due_at",), Key.AMOUNT: ("cents",), Key.AGE: ("asked_at",), Key.PRIORITY: ("priority", "due_at")}


@dataclass(frozen=True)
class Wanted:
    """Whose list it is, and what it leaves out; `chosen` are the business fields whose values come from a list."""

    actor: Actor
    only: InboxFilter
    chosen: frozenset[str]

    def conditions(self, t: Any) -> list[ColumnElement[bool]]:
        """The filter on columns that candidates and approvals share."""
        only = self.only
        wanted = [
            getattr(t, name) == getattr(only, name) for name in ("process", "step", "requester") if getattr(only, name)
        ]
        if only.due is not None:
            start, end = due_between(only.due, datetime.now(UTC), self.actor.time_zone)
            wanted += [t.due_at < end, *([t.due_at >= start] if start else [])]
        if only.case:
            case = select(Case.id).where(Case.tenant_id == self.actor.tenant, Case.reference == only.case)
            wanted.append(t.case_id == case.scalar_subquery())
        if only.amount_from is not None:
            wanted.append(t.cents >= int(only.amount_from * 100))
        if only.amount_to is not None:
            wanted.append(t.cents.between(0, int(only.amount_to * 100)))
        return wanted + [self._of_field(t.fields[name].astext, name, value) for name, value in only.values.items()]

    def _of_field(self, column: Any, name: str, value: str) -> ColumnElement[bool]:
        """A value from a list is that value; of a text, some words are enough."""
        found: ColumnElement[bool] = column == value if name in self.chosen else holds(column, value)
        return found


def chosen_fields(processes: Processes, only: str) -> frozenset[str]:
    """The columns of this process, or of any if it is empty, whose values come from a list."""
    forms = (process for key, process in processes.items() if only in {"", key})
    return frozenset(
        one.name for form in forms for one in describe(form.input).fields if one.kind in {"choice", "choices"}
    )


@dataclass(frozen=True)
class Window:
    """Which rows of a list: so many after this position."""

    behind: Place | None
    many: int

    @property
    def limit(self) -> ColumnElement[int]:
        """As a literal, for a plan that does not know the number plans for a tenth of all rows."""
        return literal_column(str(int(self.many)), Integer)


def keys_of(only: InboxFilter) -> tuple[str, ...]:
    """The columns that a list is sorted by, before the approval's id."""
    return ("at",) if only.tab is Tab.DONE else _KEYS[only.sort.key]


def read_place(only: InboxFilter, parts: list[str]) -> Place:
    """The position that a cursor describes; BadCursor if it is not valid."""
    try:
        keys = [_READ.get(name, read_moment)(word) for name, word in zip(keys_of(only), parts[:-1], strict=True)]
        return (*keys, UUID(parts[-1]))
    except ValueError as error:
        raise BadCursor(parts[-1]) from error


def _cents(word: str) -> int:
    cents = int(word)
    if abs(cents) > MOST_CENTS:
        raise ValueError(word)
    return cents


_READ: dict[str, Callable[[str], object]] = {"cents": _cents, "priority": lambda word: Priority(int(word))}


def found(actor: Actor, processes: Processes, only: InboxFilter, window: Window) -> Subquery:
    """The rows of a list: `approval_id` and its keys, in order."""
    wanted = Wanted(actor, only, chosen_fields(processes, only.process))
    if only.tab is Tab.DONE:
        return _answered(wanted, window)
    if only.tab is Tab.ALL:
        return _seen(wanted, processes, window)
    return _waiting(wanted, window)


def _waiting(wanted: Wanted, window: Window) -> Subquery:
    """Open, addressed to me, my groups or the people I cover for, and mine to decide."""
    actor, only = wanted.actor, wanted.only
    stands_in = only.tab is Tab.MINE and actor.stands_in
    mine = with_substitutions(actor) if stands_in else _listed("mine", _principals(actor, only.tab))
    k = aliased(Waiting, name="k")
    walk = (
        select(k.approval_id, *_columns(k, only))
        .where(k.tenant_id == actor.tenant, k.principal == mine.c.item)
        .where(*wanted.conditions(k), k.requester != actor.person_id, or_(~k.acted_on, _not_by(actor, k)))
    )
    if stands_in:
        walk = walk.where(covered(mine, k))
    if only.tab is Tab.UNCLAIMED:
        walk = walk.where(k.claimed_by.is_(None))
    if only.to_decide:
        walk = walk.where(k.role == "decide")
    return _merged(mine, walk, k, only, window)


def _not_by(actor: Actor, k: Any) -> ColumnElement[bool]:
    """That they did not decide it, edit the case or have it reassigned; checked only where anybody did."""
    g = aliased(Candidate, name="g")
    return and_(
        _none(k, RecordedDecision.approval_id == k.approval_id, _voted(actor)),
        _none(
            k,
            CaseVersion.case_id == k.case_id,
            CaseVersion.edited_by == actor.person_id,
            CaseVersion.corrected_in.is_distinct_from(k.approval_id),
        ),
        _none(k, g.approval_id == k.approval_id, g.principal == f"person:{actor.person_id}", g.role == "gone"),
    )


def _none(k: Any, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """That there is no such row, checked for one candidate at a time.

    As NOT EXISTS it may be planned as a join, which reads all that a person ever edited before the first row is found.
    """
    one = select(true()).where(*conditions).limit(1).correlate(k).scalar_subquery()
    return func.coalesce(one, false()).is_(False)


def _seen(wanted: Wanted, processes: Processes, window: Window) -> Subquery:
    """All that I may see, in one state or in any."""
    actor, only = wanted.actor, wanted.only
    states = _listed("states", list(ApprovalState) if only.any_state else [only.state or ApprovalState.OPEN])
    a = aliased(Approval, name="a")
    walk = (
        select(a.id.label("approval_id"), *_columns(a, only))
        .join(Case, Case.id == a.case_id)
        .where(a.tenant_id == actor.tenant, a.state == states.c.item, visible_cases(actor, processes))
        .where(*wanted.conditions(a))
    )
    if only.asked_me:
        walk = walk.where(exists().where(Candidate.approval_id == a.id, Candidate.principal.in_(actor.principals)))
    return _merged(states, walk, a, only, window)


def _answered(wanted: Wanted, window: Window) -> Subquery:
    """What I decided, newest first."""
    actor, only = wanted.actor, wanted.only
    a = aliased(Approval, name="a")
    walk = (
        select(RecordedDecision.approval_id, RecordedDecision.at)
        .join(a, a.id == RecordedDecision.approval_id)
        .where(
            RecordedDecision.tenant_id == actor.tenant,
            RecordedDecision.person_id == actor.person_id,
            *wanted.conditions(a),
        )
        .order_by(RecordedDecision.at.desc(), RecordedDecision.approval_id.desc())
        .limit(window.limit)
    )
    if only.state:
        walk = walk.where(a.state == only.state)
    if window.behind:
        walk = walk.where(tuple_(RecordedDecision.at, RecordedDecision.approval_id) < window.behind)
    answered: Subquery = walk.subquery("w")
    return answered


def _merged(parts: Any, walk: Select[Any], t: Any, only: InboxFilter, window: Window) -> Subquery:
    """Walk each part in order as far as the page needs, and merge."""
    identity = t.approval_id if hasattr(t, "approval_id") else t.id
    if window.behind:
        here = tuple_(*_columns(t, only), identity)
        walk = walk.where(here < window.behind if only.sort.down else here > window.behind)
    walk = walk.order_by(*_ordered([*_columns(t, only), identity], only.sort)).limit(window.limit)
    some = walk.correlate(parts).lateral("some")
    columns = [some.c[name] for name in (*keys_of(only), "approval_id")]
    merged: Select[Any] = select(*columns).select_from(parts).join(some, true()).distinct()
    return merged.order_by(*_ordered(columns, only.sort)).limit(window.limit).subquery("w")


def _columns(t: Any, only: InboxFilter) -> list[Any]:
    return [getattr(t, name) for name in keys_of(only)]


def _ordered(columns: list[Any], sort: Sort) -> list[Any]:
    return [column.desc() if sort.down else column for column in columns]


def in_order(rows: Subquery | CTE, only: InboxFilter) -> list[Any]:
    """How the rows of `found` are ordered once they are joined to what is shown."""
    down = only.tab is Tab.DONE or only.sort.down
    return _ordered([rows.c[name] for name in (*keys_of(only), "approval_id")], Sort(down=down))


def _listed(name: str, items: list[Any]) -> Any:
    values = bindparam(name, [str(item) for item in items], type_=ARRAY(String))
    return func.unnest(values).table_valued("item", name=name).render_derived()


def _principals(actor: Actor, tab: Tab) -> list[str]:
    """“Mine” is all that waits for me, “my groups” and “unclaimed” what others could decide as well."""
    if tab is Tab.MINE:
        return actor.principals
    return [principal for principal in actor.principals if principal.startswith("group:")]


def _voted(actor: Actor) -> ColumnElement[bool]:
    return or_(RecordedDecision.person_id == actor.person_id, RecordedDecision.acting_for == actor.person_id)
