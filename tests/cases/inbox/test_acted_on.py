"""Approvals leave the inbox of people who decided, edited or reassigned; without such acts no check runs."""

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.approvals.core.candidates import add_candidates
from backend.cases.approvals.core.seats import GONE, seat
from backend.cases.core.actor import Actor
from backend.cases.core.versions import write_version
from backend.cases.inbox.lists import inbox, waiting_count
from backend.database.engine import Database
from backend.database.tables import Approval, Case, RecordedDecision, Waiting
from backend.processes import by_key
from tests.support.approvals import asked_about
from tests.support.cast import person
from tests.support.purchases import purchase

Act = Callable[[AsyncSession, Approval, Actor], Awaitable[None]]


async def answer(session: AsyncSession, approval: Approval, by: Actor) -> None:
    """Approve as the first of two approvers."""
    said = {"decision": "approve", "version": 1, "digest": "", "channel": "page"}
    session.add(RecordedDecision(tenant_id="default", approval_id=approval.id, person_id=by.person_id, **said))


async def answer_for_fay(session: AsyncSession, approval: Approval, by: Actor) -> None:
    """Record a decision by fay for the person who was asked."""
    said = {"decision": "approve", "version": 1, "digest": "", "channel": "page"}
    session.add(
        RecordedDecision(tenant_id="default", approval_id=approval.id, person_id="fay", acting_for=by.person_id, **said)
    )


async def edit(session: AsyncSession, approval: Approval, by: Actor) -> None:
    """Write another version of the case."""
    process, case = by_key()["purchase_approval"], await session.get_one(Case, approval.case_id)
    await write_version(session, case, process, process.input.model_validate(purchase("999.00")), by)


async def hand_over(session: AsyncSession, approval: Approval, by: Actor) -> None:
    """Reassign the approval to another person."""
    await seat(session, approval, by.person_id, GONE)


async def in_list(database: Database, me: Actor) -> int:
    """The length of the inbox, which equals its counter."""
    async with database.transaction(me.tenant) as session:
        items = (await inbox(session, me)).items
        assert await waiting_count(session, me) == len(items)
    return len(items)


async def acted_on(database: Database) -> set[bool]:
    """The `acted_on` flags of the waiting rows."""
    async with database.transaction("default") as session:
        return set(await session.scalars(select(Waiting.acted_on)))


@pytest.mark.parametrize("asked_again", [False, True])
@pytest.mark.parametrize("act", [answer, answer_for_fay, edit, hand_over])
async def test_who_acted_finds_it_no_more_however_they_are_asked(
    database: Database, act: Act, *, asked_again: bool
) -> None:
    _, asked = await asked_about(database, needed=2)
    finn, hugo = await person(database, "finn"), await person(database, "hugo")
    assert (await in_list(database, finn), await acted_on(database)) == (1, {False})
    async with database.transaction("default") as session:
        approval = await session.get_one(Approval, asked.approval_id)
        await act(session, approval, finn)
        await session.flush()
        if asked_again:
            await add_candidates(session, {approval.id: ("group:employees", "person:hugo")})
    assert (await in_list(database, finn), await acted_on(database)) == (0, {True})
    assert await in_list(database, hugo) == asked_again


async def test_what_its_requester_edits_is_acted_on_by_nobody(database: Database) -> None:
    _, asked = await asked_about(database)
    ann, finn = await person(database, "ann"), await person(database, "finn")
    async with database.transaction("default") as session:
        await edit(session, await session.get_one(Approval, asked.approval_id), ann)
    assert (await in_list(database, finn), await acted_on(database)) == (1, {False})
