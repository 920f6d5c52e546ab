"""A decision is one transaction in every channel: load, lock, validate, decide and read the result."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from backend.database.engine import Database
from backend.kit.approval import DecisionKind
from tests.support.approvals import asked_about
from tests.support.web import Visitor


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tenants of the transactions opened so far, one entry for each transaction."""
    found: list[str] = []
    transaction = Database.transaction

    @asynccontextmanager
    async def counted(self: Database, tenant: str) -> AsyncIterator[AsyncSession]:
        found.append(tenant)
        async with transaction(self, tenant) as session:
            yield session

    monkeypatch.setattr(Database, "transaction", counted)
    return found


async def known_program(program_of: Visitor, name: str) -> httpx2.AsyncClient:
    """A program whose token was used a moment ago: its use is noted once a minute at most."""
    program = await program_of(name)
    assert (await program.get("/api/v1/processes")).status_code == 200
    return program


async def test_the_page_decides_in_one_transaction(
    database: Database, browser_of: Visitor, opened: list[str], limited: None
) -> None:
    _, approval = await asked_about(database)
    finn = await browser_of("finn")
    opened.clear()
    form = {"version": "1", "decision": DecisionKind.APPROVE, "up_to": "500"}
    answer = await finn.post(f"/approvals/{approval.approval_id}/decision", data=form)
    toast = ["*"]  # kept with the session, for the next page
    assert (answer.status_code, opened) == (303, ["default", *toast])


async def test_what_has_to_be_fixed_is_found_in_the_same_transaction(
    database: Database, browser_of: Visitor, opened: list[str], limited: None
) -> None:
    _, approval = await asked_about(database)
    finn = await browser_of("finn")
    opened.clear()
    form = {"version": "1", "decision": DecisionKind.APPROVE, "up_to": "none"}
    answer = await finn.post(f"/approvals/{approval.approval_id}/decision", data=form)
    navigation = ["default"]  # the counters of the menu
    assert (answer.status_code, opened) == (422, ["default", *navigation])


async def test_a_program_decides_in_one_transaction(
    database: Database, program_of: Visitor, opened: list[str], limited: None
) -> None:
    _, approval = await asked_about(database)
    finn = await known_program(program_of, "finn")
    opened.clear()
    body = {"version": 1, "decision": DecisionKind.APPROVE, "extra": {"up_to": 500}}
    answer = await finn.post(f"/api/v1/approvals/{approval.approval_id}/decision", json=body)
    assert (answer.status_code, opened) == (200, ["default"])


@pytest.mark.parametrize(
    ("action", "body"),
    [
        ("claim", {}),
        ("ask", {"text": "Which colour?"}),
        ("delegate", {"to": "olga"}),
        ("reassign", {"to": "olga"}),
        ("add-approver", {"person": "olga"}),
    ],
)
async def test_an_action_is_one_transaction(
    database: Database, program_of: Visitor, opened: list[str], action: str, body: dict[str, str]
) -> None:
    _, approval = await asked_about(database)
    finn = await known_program(program_of, "finn")
    opened.clear()
    answer = await finn.post(f"/api/v1/approvals/{approval.approval_id}/{action}", json=body)
    assert (answer.status_code, opened) == (200, ["default"])
