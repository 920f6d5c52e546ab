"""Cases submitted at the same time are written in one batch, each once, and none fails because of another."""

import asyncio
from dataclasses import replace
from uuid import uuid4

import pytest
from pydantic import BaseModel
from sqlalchemy import func, select

from backend.cases.core.actor import Actor
from backend.cases.core.errors import KeyReused, NotAllowed
from backend.cases.lifecycle.accept import Intake
from backend.cases.lifecycle.submission import Opened, Source, Submission
from backend.database.engine import Database
from backend.database.errors import DatabaseAway, UnstorableText
from backend.database.tables import Case, CaseVersion, JournalEntry, OutboxRow
from backend.embedded.ports import free_port
from backend.processes import by_key
from tests.support.cast import person
from tests.support.purchases import purchase
from tests.support.transactions import transactions_of

PROCESS = by_key()["purchase_approval"]


def submission(by: Actor, key: str = "", form: BaseModel | None = None) -> Submission:
    """A submission by this person, by default with a unique key."""
    form = form or PROCESS.input.model_validate(purchase())
    return Submission(PROCESS, form, source=Source.API, key=key or str(uuid4()), by=by)


async def accepted(accepting: Intake, *submissions: Submission) -> list[Opened | BaseException]:
    """The results of submissions made at the same instant."""
    return await asyncio.gather(*map(accepting.accept, submissions), return_exceptions=True)


def cases_of(answers: list[Opened | BaseException]) -> list[Case]:
    """The opened cases; AssertionError if one was not opened."""
    assert all(isinstance(answer, Opened) for answer in answers), answers
    return [answer.case for answer in answers if isinstance(answer, Opened)]


async def count(database: Database, table: type[Case | CaseVersion | JournalEntry | OutboxRow]) -> int:
    """How many rows there are."""
    async with database.across_tenants() as session:
        return int(await session.scalar(select(func.count()).select_from(table)) or 0)


async def test_fifty_at_once_are_written_in_a_few_transactions_and_each_wholly(database: Database) -> None:
    ann, edda = await person(database, "ann"), await person(database, "edda")
    submissions = [submission((ann, edda)[n % 2]) for n in range(50)]
    with transactions_of(database) as begun:
        cases = cases_of(await accepted(Intake(database), *submissions))
    assert len(begun) == 1
    assert [case.opened_by for case in cases] == ["ann", "edda"] * 25
    assert len({case.reference for case in cases}) == 50
    for table in (Case, CaseVersion, JournalEntry, OutboxRow):
        assert await count(database, table) == 50
    async with database.across_tenants() as session:
        rows = {row.case_id: row for row in await session.scalars(select(OutboxRow))}
    for case in cases:
        assert rows[case.id].workflow_id == case.workflow_id
        assert rows[case.id].payload["reference"] == case.reference


async def test_the_same_key_at_the_same_instant_opens_one_case(database: Database) -> None:
    ann, edda = await person(database, "ann"), await person(database, "edda")
    other = PROCESS.input.model_validate(purchase("17.00"))
    first, again, changed, hers = await accepted(
        Intake(database),
        submission(ann, "k"),
        submission(ann, "k"),
        submission(ann, "k", other),
        submission(edda, "k"),
    )
    assert isinstance(first, Opened)
    assert isinstance(again, Opened)
    assert again.case.id == first.case.id
    assert [first.replayed, again.replayed] == [False, True]
    assert isinstance(changed, KeyReused)
    assert isinstance(hers, Opened)
    assert await count(database, Case) == await count(database, OutboxRow) == 2


async def test_what_cannot_be_stored_takes_nobody_with_it(database: Database) -> None:
    ann = await person(database, "ann")
    hostile = PROCESS.input.model_validate(purchase()).model_copy(update={"title": "A desk\0"})
    before, broken, after = await accepted(
        Intake(database), submission(ann), submission(ann, form=hostile), submission(ann)
    )
    assert isinstance(before, Opened)
    assert isinstance(broken, UnstorableText)
    assert isinstance(after, Opened)
    assert await count(database, Case) == 2


async def test_two_web_processes_that_are_sent_the_same_in_another_order_open_each_case_once(
    database: Database,
) -> None:
    ann = await person(database, "ann")
    here, there = [submission(ann, str(n)) for n in range(40)], [submission(ann, str(n)) for n in reversed(range(40))]
    answers = await asyncio.gather(*(accepted(Intake(database), *each) for each in (here, there)))
    mine, theirs = map(cases_of, answers)
    assert [case.id for case in mine] == [case.id for case in reversed(theirs)]
    assert await count(database, Case) == await count(database, CaseVersion) == 40


async def test_without_a_database_everybody_is_told_so(database: Database) -> None:
    ann = await person(database, "ann")
    gone = Database(f"postgresql+asyncpg://nobody@127.0.0.1:{free_port()}/nothing")
    answers = await accepted(Intake(gone), submission(ann), submission(ann))
    await gone.close()
    assert [type(answer) for answer in answers] == [DatabaseAway, DatabaseAway]


async def test_nobody_submits_what_they_may_not_start(database: Database) -> None:
    ann = await person(database, "ann")
    with pytest.raises(NotAllowed):
        submission(replace(ann, groups=frozenset()))
