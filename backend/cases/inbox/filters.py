"""What a list of approvals shows, and in which order. Its state is in the address of the page."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from backend.cases.core.errors import CaseError
from backend.i18n.typed_numbers import TYPED_IN, NoAmount, language_named, plain_amount, read_amount
from backend.kit.approval import ApprovalState
from backend.kit.i18n import N_

FIELD = "f."
ANY = "any"
_NAMES = {"tab": "list"}
_NOT_PAIRS = {"values", "sort", "to_decide"}
_SPELT = {("any_state", "True"): ("state", ANY)}
MAX_VALUE = 140
LARGEST = Decimal(10) ** 15


class Tab(StrEnum):
    """Which list: waiting for me; also for others; unclaimed; decided by me; all that I may see."""

    MINE = "mine"
    GROUPS = "groups"
    UNCLAIMED = "unclaimed"
    DONE = "done"
    ALL = "all"


class Due(StrEnum):
    """When it is due."""

    OVERDUE = "overdue"
    TODAY = "today"
    WEEK = "week"


class Key(StrEnum):
    """What rows are sorted by."""

    DUE = "due"
    PRIORITY = "priority"
    AMOUNT = "amount"
    AGE = "age"


class BadFilter(CaseError):
    """This filter is not valid."""

    status = 422
    code = "bad_filter"


@dataclass(frozen=True)
class Sort:
    """By what, and in which direction. Ascending is soonest, high priority, smallest and oldest first."""

    key: Key = Key.DUE
    down: bool = False

    @property
    def word(self) -> str:
        """As the address has it: `due`, `-amount`."""
        return f"-{self.key}" if self.down else str(self.key)

    @property
    def turned(self) -> "Sort":
        """The opposite direction."""
        return replace(self, down=not self.down)


@dataclass(frozen=True)
class InboxFilter:
    """One list of approvals; empty fields do not filter. `values` are business fields and the values they must have.

    All that I may see are the open ones unless `state` is a state or `any`. `to_decide` leaves out what only my advice
    is asked on, in lists of what waits; it is in no address.
    """

    tab: Tab = Tab.MINE
    process: str = ""
    step: str = ""
    requester: str = ""
    due: Due | None = None
    amount_from: Decimal | None = None
    amount_to: Decimal | None = None
    state: ApprovalState | None = None
    any_state: bool = False
    case: str = ""
    asked_me: bool = False
    to_decide: bool = False
    values: Mapping[str, str] = field(default_factory=dict)
    sort: Sort = field(default_factory=Sort)

    @property
    def narrows(self) -> bool:
        """Whether it leaves anything out of its list."""
        return replace(self, tab=Tab.MINE, sort=Sort()) != InboxFilter()

    def pairs(self) -> list[tuple[str, str]]:
        """The filter as pairs of an address, without empty fields."""
        pairs = [(each.name, getattr(self, each.name)) for each in fields(self) if each.name not in _NOT_PAIRS]
        found = [(name, str(value)) for name, value in pairs if value not in {"", None, False, Tab.MINE}]
        found = [_SPELT.get((name, value), (_NAMES.get(name, name), value)) for name, value in found]
        found += [(f"{FIELD}{name}", value) for name, value in sorted(self.values.items())]
        return found + ([("sort", self.sort.word)] if self.sort != Sort() else [])

    def query(self, **changes: Any) -> str:
        """The address part behind the question mark, with these fields changed."""
        return urlencode(replace(self, **changes).pairs())

    def ordered(self, word: str) -> "InboxFilter":
        """The same list in another order."""
        return replace(self, sort=sort_of(word))

    def without(self, name: str) -> "InboxFilter":
        """The same without one of its pairs."""
        return filter_of((key, value) for key, value in self.pairs() if key != name)


def filter_of(pairs: Iterable[tuple[str, str]]) -> InboxFilter:
    """Read a filter from an address. BadFilter for values that cannot be; unknown names are ignored."""
    given = {name: value.strip() for name, value in pairs if value.strip()}
    if any(len(value) > MAX_VALUE for value in given.values()):
        raise BadFilter(N_("A value of this filter is too long."))
    return InboxFilter(
        tab=_one_of(Tab, given.get("list", "mine"), "list"),
        process=given.get("process", ""),
        step=given.get("step", ""),
        requester=given.get("requester", ""),
        due=_one_of(Due, given["due"], "due") if "due" in given else None,
        amount_from=_amount(given, "amount_from"),
        amount_to=_amount(given, "amount_to"),
        state=_one_of(ApprovalState, given["state"], "state") if given.get("state", ANY) != ANY else None,
        any_state=given.get("state") == ANY,
        case=given.get("case", ""),
        asked_me=given.get("asked_me") in {"True", "true"},
        values={name.removeprefix(FIELD): value for name, value in given.items() if name.startswith(FIELD)},
        sort=sort_of(given.get("sort", "due")),
    )


def sort_of(word: str) -> Sort:
    """`due`, `-amount`; BadFilter for anything else."""
    return Sort(_one_of(Key, word.removeprefix("-"), "sort"), down=word.startswith("-"))


Word = TypeVar("Word", bound=StrEnum)


def _one_of(kind: type[Word], value: str, name: str) -> Word:
    try:
        return kind(value)
    except ValueError as error:
        raise BadFilter(
            N_("“{text}” is not valid for {field}. Choose from: {options}.").format(
                text=value[:40], field=name, options=", ".join(kind)
            )
        ) from error


def _amount(given: Mapping[str, str], name: str) -> Decimal | None:
    """An amount as the page that names its language was given it; in an address without one, as programs write it."""
    if name not in given:
        return None
    value, typed_in = given[name], given.get(TYPED_IN)
    try:
        amount = read_amount(value, language_named(typed_in)) if typed_in else plain_amount(value)
    except NoAmount as refused:
        wrong = N_("“{text}” is not an amount. Enter it like 1000 or 12.50.").format(text=value[:40])
        raise BadFilter(refused.question or wrong) from refused
    if not 0 <= amount <= LARGEST:
        raise BadFilter(N_("“{text}” is not a possible amount.").format(text=value[:40]))
    return amount


def due_between(due: Due, now: datetime, zone: str) -> tuple[datetime | None, datetime]:
    """From when until when it is due, in the person's days and weeks, which begin on Monday."""
    if due is Due.OVERDUE:
        return None, now
    local = now.astimezone(ZoneInfo(zone))
    first = local.date() - timedelta(days=local.weekday() if due is Due.WEEK else 0)
    days = 7 if due is Due.WEEK else 1
    start, end = (datetime.combine(day, time(), local.tzinfo) for day in (first, first + timedelta(days=days)))
    return start, end
