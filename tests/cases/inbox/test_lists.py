"""Each list has the right rows in the right order on every page, and its counter equals its length."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import pytest
from sqlalchemy import select, update

from backend.cases.approvals.assign.claim import claim
from backend.cases.approvals.decide.decide import decide
from backend.cases.core.actor import Actor
from backend.cases.inbox.filters import BadFilter, InboxFilter, Tab, due_between, filter_of
from backend.cases.inbox.lists import counted_inbox, inbox, neighbours, waiting_count
from backend.database.engine import Database
from backend.database.pages import BadCursor
from backend.database.tables import Approval, Candidate, Case, CaseVersion, RecordedDecision
from backend.kit.approval import DecisionKind
from backend.kit.text import folded
from backend.processes import by_key
from tests.support.approvals import act_on, asked_about, decision
from tests.support.cast import person
from tests.support.purchases import purchase

SORTS = ("due", "-due", "priority", "-priority", "amount", "-amount", "age", "-age")
FILTERS = (
    "", "process=purchase_approval", "process=other", "step=finance", "step=manager", "requester=edda", "due=overdue",
    "due=today", "due=week", "amount_from=100", "amount_to=300.50", "amount_from=100&amount_to=300",
    "f.vendor=Nordwerk", "f.vendor=Nordwerk&f.cost_centre=4200&due=overdue", "f.vendor=nORDw", "f.vendor=Nobody",
    "f.none=x",
)  # fmt: skip
ASKED = (("group:finance",), ("person:finn",), ("person:finn", "group:finance"), ("person:mona",), ("group:managers",))
PAGE = 4


def only(query: str) -> InboxFilter:
    return filter_of(parse_qsl(query))


@dataclass(frozen=True)
class Row:
    """Everything about one approval."""

    approval: Approval
    case: Case
    candidates: list[Candidate]
    decisions: list[RecordedDecision]
    editors: set[str]


async def everything(database: Database) -> list[Row]:
    """Every approval with its current state."""
    async with database.transaction("default") as session:
        rows = []
        for approval in await session.scalars(select(Approval)):
            case = await session.get_one(Case, approval.case_id)
            candidates = list(await session.scalars(select(Candidate).where(Candidate.approval_id == approval.id)))
            decisions = list(
                await session.scalars(select(RecordedDecision).where(RecordedDecision.approval_id == approval.id))
            )
            editors = set(await session.scalars(select(CaseVersion.edited_by).where(CaseVersion.case_id == case.id)))
            rows.append(Row(approval, case, candidates, decisions, editors))
    return rows


async def a_lively_desk(database: Database) -> list[Row]:
    """Purchases by several people for several approvers; some decided, claimed or closed."""
    now, approvals = datetime.now(UTC), []
    people = itertools.cycle(("ann", "edda", "finn", "ann", "mona", "hugo", "edda"))
    for number, (who, requester) in enumerate(zip(ASKED * 8, people, strict=False)):
        form = purchase(
            f"{50 + number % 7 * 60}.50",
            vendor=("Nordwerk", "Halden", "Optiscan")[number % 3],
            cost_centre=("4200", "3100")[number % 2],
            needed_by=(now.date() + timedelta(days=number % 4 * 5 + 1)).isoformat(),
        )
        asked_at = now - timedelta(days=3, minutes=number * 7 % 40)
        step = {"key": "manager", "label": "Manager"} if number % 4 == 0 else {}
        due = timedelta(days=number % 9, hours=number % 5)
        _, asked = await asked_about(database, form, requester, who=who, needed=2, due=due, asked_at=asked_at, **step)
        approvals.append(asked.approval_id)
    finn, fay, mona = [await person(database, name) for name in ("finn", "fay", "mona")]
    rows = {row.approval.id: row for row in await everything(database)}
    for number, key in enumerate(approvals):
        asked_of = {each.principal for each in rows[key].candidates}
        mine = "group:finance" in asked_of and rows[key].case.opened_by not in {"finn", "fay"}
        if mine and number % 4 == 1:
            await act_on(database, key, fay, claim)
        if mine and number % 3 == 0:
            choice = DecisionKind.REJECT if number % 2 else DecisionKind.APPROVE
            await act_on(database, key, finn, decide, decision(choice, 1, "so"))
        if "person:mona" in asked_of and rows[key].case.opened_by != "mona" and number % 3 == 1:
            await act_on(database, key, mona, decide, decision(DecisionKind.REJECT, 1, "no"))
    return await everything(database)


KEYS: dict[str, Callable[[Row], tuple[Any, ...]]] = {
    "due": lambda row: (row.approval.due_at,),
    "priority": lambda row: (row.case.priority, row.approval.due_at),
    "amount": lambda row: (row.case.amount,),
    "age": lambda row: (row.approval.asked_at,),
}


def belongs(row: Row, me: Actor, tab: Tab) -> bool:
    """Whether the row belongs to this person's list, computed independently of the query."""
    through = {each.principal for each in row.candidates} & set(me.principals)
    voted = any(each.person_id == me.person_id for each in row.decisions)
    if tab is Tab.DONE:
        return voted
    opened = row.approval.state == "open"
    if tab is Tab.ALL:
        seen = "finance" in me.groups or me.is_admin
        return opened and (seen or bool(through) or voted or row.case.opened_by == me.person_id)
    if tab is not Tab.MINE:
        through = {principal for principal in through if principal.startswith("group:")}
    free = tab is not Tab.UNCLAIMED or row.approval.claimed_by is None
    return opened and bool(through) and free and not voted and me.person_id not in row.editors


def fits(row: Row, wanted: InboxFilter, now: datetime) -> bool:
    """Whether the row passes the filter."""
    start, end = due_between(wanted.due, now, "Europe/Vienna") if wanted.due else (None, None)
    return (
        wanted.process in {"", row.case.process}
        and wanted.step in {"", row.approval.step}
        and wanted.requester in {"", row.case.opened_by}
        and (start is None or row.approval.due_at >= start)
        and (end is None or row.approval.due_at < end)
        and (wanted.amount_from is None or row.case.amount >= wanted.amount_from)
        and (wanted.amount_to is None or row.case.amount <= wanted.amount_to)
        and all(_says(row.case.input.get(name), name, value) for name, value in wanted.values.items())
    )


def _says(held: Any, name: str, value: str) -> bool:
    """A value of a list is the value itself; of a text, some of its words are enough."""
    return held == value if name == "cost_centre" else folded(value) in folded(str(held or ""))


def expected(rows: list[Row], me: Actor, wanted: InboxFilter) -> list[Any]:
    """The expected ids of the list, in order."""
    now = datetime.now(UTC)
    some = [row for row in rows if belongs(row, me, wanted.tab) and fits(row, wanted, now)]
    if wanted.tab is Tab.DONE:
        own = {row.approval.id: next(v.at for v in row.decisions if v.person_id == me.person_id) for row in some}
        return sorted(own, key=lambda key: own[key], reverse=True)
    key = KEYS[wanted.sort.key]
    some.sort(key=lambda row: (*key(row), row.approval.id), reverse=wanted.sort.down)
    return [row.approval.id for row in some]


async def test_every_list_filter_and_order_against_a_second_telling(database: Database) -> None:
    rows = await a_lively_desk(database)
    found = 0
    for name in ("finn", "mona", "ann"):
        me = await person(database, name)
        for tab, query in itertools.product(Tab, FILTERS):
            for sort in SORTS if not query else ("due", "-amount"):
                wanted = replace(only(f"{query}&sort={sort}"), tab=tab)
                async with database.transaction("default") as session:
                    ids, after = [], ""
                    while True:
                        page = await inbox(session, me, wanted, after, PAGE, processes=by_key())
                        ids += [item.id for item in page.items]
                        if page.next is None:
                            break
                        after = page.next
                    count = await waiting_count(session, me, wanted, processes=by_key())
                    first, fitting = await counted_inbox(session, me, wanted, PAGE, processes=by_key())
                assert ids == expected(rows, me, wanted), (name, tab, query, sort)
                assert count == fitting == len(ids)
                assert [item.id for item in first.items] == ids[:PAGE]
                assert (first.next is None) == (len(ids) <= PAGE)
                found += bool(ids)
    assert found > 100, "most lists are empty, so this shows little"


async def test_what_stands_before_and_after_is_what_the_list_says(database: Database) -> None:
    await a_lively_desk(database)
    finn = await person(database, "finn")
    for sort in SORTS:
        async with database.transaction("default") as session:
            wanted = only(f"f.vendor=Nordwerk&sort={sort}")
            items = list((await inbox(session, finn, wanted)).items)
            assert len(items) > 2
            for former, item, following in zip([None, *items], items, [*items[1:], None], strict=False):
                assert await neighbours(session, finn, wanted, item.place, by_key()) == (former, following)


async def test_lists_follow_when_the_form_or_its_holder_changes(database: Database) -> None:
    case, asked = await asked_about(database)
    finn = await person(database, "finn")
    async with database.transaction("default") as session:
        changed = case.input | {"vendor": "Halden"}
        await session.execute(update(Case).where(Case.id == case.id).values(amount=7, input=changed, priority=1))
    await act_on(database, asked.approval_id, finn, claim)
    for query, count in {"f.vendor=Halden&amount_to=7": 1, "amount_from=8": 0, "list=unclaimed": 0}.items():
        async with database.transaction("default") as session:
            assert await waiting_count(session, finn, only(query)) == count
            items = (await inbox(session, finn)).items
    assert [(item.urgent, item.values["vendor"]) for item in items] == [(True, "Halden")]


@pytest.mark.parametrize(
    "query",
    ["list=x", "due=soon", "sort=name", "amount_from=much", "amount_to=-1", "amount_to=NaN", "state=odd",
     f"f.vendor={'x' * 141}"],
)  # fmt: skip
def test_what_is_no_filter_is_said(query: str) -> None:
    with pytest.raises(BadFilter):
        only(query)


@pytest.mark.parametrize(
    "query", ["", "list=all&state=any", "list=done&state=rejected", "f.vendor=A+%26+B&sort=-amount&due=week&case=PUR-1"]
)
def test_a_filter_survives_the_address(query: str) -> None:
    assert only(only(query).query()) == only(query)


async def test_a_cursor_belongs_to_its_list_and_order(database: Database) -> None:
    for _ in range(3):
        await asked_about(database)
    finn = await person(database, "finn")
    async with database.transaction("default") as session:
        page = await inbox(session, finn, limit=2)
        assert page.next
        for query in ("list=groups", "sort=-due", "sort=amount"):
            with pytest.raises(BadCursor):
                await inbox(session, finn, only(query), page.next)


def test_days_and_weeks_are_those_of_the_person() -> None:
    late_on_sunday = datetime(2026, 3, 29, 22, 30, tzinfo=UTC)  # Monday in Vienna, the day after the clock change
    start, end = due_between(only("due=week").due, late_on_sunday, "Europe/Vienna")
    assert (start, end) == (
        datetime(2026, 3, 29, 22, tzinfo=UTC),
        datetime(2026, 4, 5, 22, tzinfo=UTC),
    )
