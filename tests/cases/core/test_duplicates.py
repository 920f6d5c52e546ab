"""An order number that another case has already is said beside the decision, with that case if it may be seen."""

from uuid import uuid4

import pytest
from sqlalchemy import update

from backend.cases.approvals.request.open_approval import open_approval
from backend.cases.core.duplicates import duplicates
from backend.cases.lifecycle.submission import Source, Submission, open_case
from backend.database.engine import Database
from backend.database.tables import Case
from backend.processes import by_key
from tests.support.approvals import question_of
from tests.support.cast import person
from tests.support.html import said_in
from tests.support.orders import order
from tests.support.web import Visitor

PROCESS = by_key()["order_fulfillment"]


async def an_order(database: Database, number: str) -> Case:
    """An order with this number, opened by olga."""
    by = await person(database, "olga")
    sent = PROCESS.input.model_validate(order(order_id=number))
    async with database.transaction(by.tenant) as session:
        opened = await open_case(session, Submission(PROCESS, sent, source=Source.API, key=str(uuid4()), by=by))
    return opened.case


async def said(database: Database, who: str, case: Case) -> list[str]:
    """What is said of the numbers of this case."""
    actor = await person(database, who)
    async with database.transaction("default") as session:
        found = await duplicates(session, actor, PROCESS, case.input, case.id)
    return [each.sentence for each in found]


async def test_a_number_that_was_used_before_is_said_with_its_case(database: Database) -> None:
    first, second, other = [await an_order(database, number) for number in ("B-2002", "b-2002", "B-2003")]
    assert await said(database, "olga", second) == [f"{first.reference} already has this value: “b-2002”."]
    assert await said(database, "olga", first) == [f"{second.reference} already has this value: “B-2002”."]
    assert await said(database, "olga", other) == []
    assert await said(database, "eve", second) == ["Another case already has this value: “b-2002”."]


@pytest.mark.parametrize(("outcome", "counts"), [("recalled", False), ("fulfilled", True)])
async def test_a_withdrawn_order_does_not_count(database: Database, outcome: str, counts: bool) -> None:  # noqa: FBT001
    first, second = await an_order(database, "B-2002"), await an_order(database, "B-2002")
    async with database.transaction("default") as session:
        await session.execute(update(Case).where(Case.id == first.id).values(outcome=outcome))
    assert bool(await said(database, "olga", second)) == counts


async def test_it_is_said_beside_the_decision(database: Database, browser_of: Visitor) -> None:
    first, second = await an_order(database, "B-2002"), await an_order(database, "B-2002")
    approval = await open_approval(database, question_of(second, key="review", who=("group:orders",)))
    root = await browser_of("root")
    page = said_in(await root.get(f"/approvals/{approval.approval_id}"))
    assert f"{first.reference} already has this value: “B-2002”." in page
