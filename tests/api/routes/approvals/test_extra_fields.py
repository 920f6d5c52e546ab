"""The extra fields of a decision are validated the same for page, personal link, REST and bulk."""

from dataclasses import replace
from typing import Annotated, Any, Literal

import pytest
from fastapi import FastAPI
from pydantic import BaseModel, Field
from sqlalchemy import select

from backend.cases.inbox.bulk import Pick, answer_many
from backend.cases.inbox.bulk_runner import BulkRunner
from backend.database.engine import Database
from backend.database.tables import Approval, BulkItem, RecordedDecision
from backend.kit.approval import DecisionKind
from backend.kit.fields import FormField, Lookup
from tests.support.approvals import asked_about
from tests.support.cast import person
from tests.support.html import page_of
from tests.support.links import link_for, press
from tests.support.web import Visitor

MARKER = FormField(lookup=Lookup.COST_CENTRES)


class Booking(BaseModel):
    """The booking by finance: one value comes from a lookup, the other from a fixed list."""

    cost_centre: Annotated[str, MARKER] = Field(title="Cost centre")
    period: Literal["this year", "next year"] = Field(title="Period", default="this year")


@pytest.fixture
def booked(app: FastAPI) -> None:
    """The finance step has the fields of a booking."""
    known = app.state.web.processes
    changed = {**known, "purchase_approval": replace(known["purchase_approval"], decision_fields={"finance": Booking})}
    app.state.web = replace(app.state.web, processes=changed)


WRONG = [{"cost_centre": "0000"}, {"cost_centre": "4200", "period": "some day"}]


async def untouched(database: Database) -> bool:
    """Whether the approval is still undecided."""
    async with database.across_tenants() as session:
        states = set(await session.scalars(select(Approval.state)))
        return states == {"open"} and not list(await session.scalars(select(RecordedDecision.person_id)))


@pytest.mark.parametrize("extra", WRONG)
async def test_the_page_refuses_a_value_that_is_not_offered(
    database: Database, browser_of: Visitor, booked: None, extra: dict[str, str]
) -> None:
    _, approval = await asked_about(database)
    finn, where = await browser_of("finn"), f"/approvals/{approval.approval_id}/decision"
    refused = await finn.post(where, data={"version": "1", "decision": "approve", **extra})
    assert refused.status_code == 422
    assert page_of(refused).has(f"[name={list(extra)[-1]}][aria-invalid=true]")
    assert await untouched(database)
    right = {"version": "1", "decision": "approve", "cost_centre": "4200"}
    assert (await finn.post(where, data=right)).status_code == 303


@pytest.mark.parametrize("extra", WRONG)
async def test_a_link_refuses_a_value_that_is_not_offered_and_stays_usable(
    database: Database, browser_of: Visitor, booked: None, extra: dict[str, str]
) -> None:
    _, _, link = await link_for(database)
    guest = await browser_of("")
    refused = await press(guest, link, **extra)
    assert refused.status_code == 422
    assert page_of(refused).has(f"[name={list(extra)[-1]}][aria-invalid=true]")
    assert await untouched(database)
    assert (await press(guest, link, cost_centre="4200")).status_code == 303


@pytest.mark.parametrize("extra", WRONG)
async def test_a_program_is_refused_a_value_that_is_not_offered(
    database: Database, program_of: Visitor, booked: None, extra: dict[str, Any]
) -> None:
    _, approval = await asked_about(database)
    finn, where = await program_of("finn"), f"/api/v1/approvals/{approval.approval_id}/decision"
    body = {"version": 1, "decision": "approve"}
    refused = await finn.post(where, json={**body, "extra": extra})
    assert (refused.status_code, refused.json()["code"]) == (422, "extra_wrong")
    assert list(extra)[-1] in refused.json()["detail"]
    assert await untouched(database)
    assert (await finn.post(where, json={**body, "extra": {"cost_centre": "4200"}})).status_code == 200


async def test_a_bulk_decision_without_the_fields_is_refused(database: Database, app: FastAPI, booked: None) -> None:
    _, approval = await asked_about(database)
    finn, picks = await person(database, "finn"), [Pick(approval.approval_id, 1)]
    await answer_many(database, app.state.web.processes, picks, DecisionKind.APPROVE, "", by=finn)
    await BulkRunner(database, app.state.web.processes).some()
    async with database.across_tenants() as session:
        item = (await session.scalars(select(BulkItem))).one()
    assert (item.state, item.code) == ("refused", "extra_wrong")
    assert await untouched(database)
