"""Reminders of overdue approvals: once a day per person, even from concurrent rounds."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text

from backend.cases.approvals.request.open_approval import ApprovalRequest, open_approval
from backend.cases.inbox.overdue_reminders import Round, Rounded, remind_overdue
from backend.database.engine import Database
from backend.database.tables import Approval, Case, Delivery, Notification
from backend.kit.approval import Step
from backend.kit.progress import Milestone, Progress
from tests.support.outbox import a_case

HOUR = timedelta(hours=1)


async def ask(database: Database, *who: str, due: timedelta) -> Case:
    """A purchase by ann that waits for these approvers, due this long from now."""
    case = await a_case(database)
    step = Step(
        key="manager", label="Manager", question="Buy?", who=who, due=10 * HOUR + due, deadline=500 * HOUR,
        working_time=False,
    )  # fmt: skip
    question = ApprovalRequest(
        tenant="default", case_id=case.id, step=step, round=1, asked_at=datetime.now(UTC) - 10 * HOUR, subject="Desks",
        progress=Progress(milestones=[Milestone(key="manager", label="Manager")]),
    )  # fmt: skip
    await open_approval(database, question)
    return case


def visit(key: str = "OVE-1", *, people: int = 50, late_by: timedelta = timedelta(0), day: int = 0) -> Round:
    at = datetime.now(UTC) + timedelta(days=day)
    return Round(tenant="default", key=f"{key}:told", opened_at=at, late_by=late_by, people=people, remark="Hurry up.")


async def remind(database: Database, given: Round, after: str = "") -> Rounded:
    return await remind_overdue(database, given, after, lambda _: None)


async def told(database: Database) -> dict[str, str]:
    """The overdue reminders of each person, each of which is an email too."""
    async with database.across_tenants() as session:
        mails = list(await session.scalars(select(Delivery.person_id).where(Delivery.event == "digest")))
        rows = await session.execute(
            select(Notification.person_id, Notification.note).where(Notification.event == "digest")
        )
        found = dict(rows.all())
    assert sorted(mails) == sorted(found)
    return found


async def test_who_is_late_is_told_with_all_that_is_overdue_and_nobody_else(database: Database) -> None:
    first, second = await ask(database, "person:mona", due=-HOUR), await ask(database, "person:mona", due=-2 * HOUR)
    await ask(database, "person:mona", due=HOUR)
    await ask(database, "person:hugo", due=HOUR)
    assert await remind(database, visit()) == Rounded(told=1)
    said = await told(database)
    assert list(said) == ["mona"]
    lines = said["mona"].splitlines()
    assert lines[:2] == ["2 overdue requests are waiting for you.", "Hurry up."]
    assert [line.split()[0] for line in lines[2:]] == [second.reference, first.reference]
    assert "(EUR 480.00), due " in lines[2]


async def test_a_group_is_told_but_for_the_requester_and_who_answered(database: Database) -> None:
    await ask(database, "group:finance", "person:ann", due=-HOUR)
    async with database.across_tenants() as session:
        approval = await session.scalar(select(Approval.id))
        await session.execute(
            text("INSERT INTO votes (tenant_id, approval_id, person_id, decision, comment, version, digest, channel)"
                 " VALUES ('default', :id, 'fay', 'approve', '', 1, '', 'api')"), {"id": approval}
        )  # fmt: skip
    assert await remind(database, visit()) == Rounded(told=1)
    assert list(await told(database)) == ["finn"]


async def test_only_what_is_late_enough_counts(database: Database) -> None:
    await ask(database, "person:mona", due=-HOUR)
    assert await remind(database, visit(late_by=2 * HOUR)) == Rounded(told=0)
    assert await remind(database, visit("OVE-2")) == Rounded(told=1)


async def test_the_same_day_tells_nobody_twice_and_the_next_day_again(database: Database) -> None:
    await ask(database, "person:mona", due=-HOUR)
    counts = [(await remind(database, each)).told for each in (visit(), visit("OVE-2"), visit("OVE-3", day=1))]
    assert counts == [1, 0, 1]


async def test_rounds_that_overlap_tell_each_person_once(database: Database) -> None:
    everybody = ("mona", "finn", "fay", "olga", "edda", "hugo", "root")
    for name in everybody:
        await ask(database, f"person:{name}", due=-HOUR)
    rounds = await asyncio.gather(*(remind(database, visit(f"OVE-{number}")) for number in range(8)))
    assert sum(each.told for each in rounds) == len(everybody)
    assert sorted(await told(database)) == sorted(everybody)


async def test_a_round_in_parts_goes_on_after_the_last_one_told(database: Database) -> None:
    for name in ("edda", "fay", "finn", "hugo", "mona"):
        await ask(database, f"person:{name}", due=-HOUR)
    given, visited = visit(people=2), list[str]()

    def die_after_three(person: str) -> None:
        visited.append(person)
        if len(visited) == 3:
            raise ConnectionError

    first = await remind_overdue(database, given, "", die_after_three)
    assert first == Rounded(told=2, after="fay")
    with pytest.raises(ConnectionError):
        await remind_overdue(database, given, "fay", die_after_three)
    rest = await remind(database, given, after=visited[-1])
    assert rest == Rounded(told=5, after="mona")
    assert await remind(database, given, after="mona") == Rounded(told=5)
