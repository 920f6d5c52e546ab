"""Home: what waits for a person, counted as it is listed."""

import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx2
import pytest
from sqlalchemy import update

from backend.database.engine import Database
from backend.database.tables import Case
from backend.kit.action import OfferedAction
from backend.kit.progress import Milestone, MilestoneState, Progress, Turn
from tests.support.approvals import asked_about
from tests.support.orders import order
from tests.support.web import Visitor


@pytest.fixture
async def reference(program_of: Visitor) -> str:
    """An order of ann's."""
    headers = {"idempotency-key": str(uuid4())}
    ann = await program_of("ann")
    opened = await ann.post("/api/v1/processes/order_fulfillment/cases", json=order(), headers=headers)
    return str(opened.json()["reference"])


async def offer(database: Database, reference: str, *, turn: bool) -> None:
    """Write into the read model what its workflow reports when some is missing; it stands still if it is a turn."""
    now = datetime.now(UTC)
    until = now + timedelta(days=3)
    offered = [OfferedAction(key=key, offer=1, until=until) for key in ("send_what_there_is", "cancel_order")]
    whose = Turn(who="Ann Berger", since=now, until=until) if turn else None
    progress = Progress(turn=whose, actions=offered).model_dump(mode="json")
    async with database.across_tenants() as session:
        await session.execute(update(Case).where(Case.reference == reference).values(progress=progress))


async def waiting(client: httpx2.AsyncClient) -> tuple[str, str]:
    """The panel of what waits, and its counter."""
    page = (await client.get("/")).text
    found = re.search(r'<h2 id="h-wait">.*?</section>', page, re.DOTALL)
    assert found
    count = re.search(r"cs-count[^>]*>([^<]*)<", found[0])
    assert count
    return found[0], count[1]


async def test_a_choice_waits_for_whose_case_stands_still_until_they_choose(
    reference: str, database: Database, browser_of: Visitor
) -> None:
    ann, olga = await browser_of("ann"), await browser_of("olga")
    await offer(database, reference, turn=False)
    assert (await waiting(ann))[1] == "0"
    await offer(database, reference, turn=True)
    listed, count = await waiting(ann)
    assert f'href="/cases/{reference}"' in listed
    assert "Send what there is, Cancel the order" in listed
    assert (count, "One thing waits for you." in (await ann.get("/")).text) == ("1", True)
    assert (await waiting(olga))[1] == "0"
    await asked_about(database, requester="mona", who=("person:ann",))
    listed, count = await waiting(ann)
    assert (count, listed.count("cs-main-link")) == ("2", 2)
    assert "2 things wait for you." in (await ann.get("/")).text
    page = (await ann.get(f"/cases/{reference}/actions/cancel_order")).text
    token = re.search(r'name="form_token" value="([^"]+)"', page)
    assert token
    done = await ann.post(f"/cases/{reference}/actions/cancel_order", data={"form_token": token[1], "act": "1"})
    assert done.status_code == 303
    assert (await waiting(ann))[1] == "1"
    assert "One request waits for you." in (await ann.get("/")).text


async def test_what_was_sent_back_is_said_to_be_its_requesters_turn(
    reference: str, database: Database, browser_of: Visitor
) -> None:
    ann = await browser_of("ann")
    assert "Nobody&#39;s: it goes on by itself" in (await ann.get("/")).text
    progress = Progress(milestones=[Milestone(key="manager", label="Manager", state=MilestoneState.BACK)])
    async with database.across_tenants() as session:
        sent_back = update(Case).where(Case.reference == reference).values(progress=progress.model_dump(mode="json"))
        await session.execute(sent_back)
    page = (await ann.get("/")).text
    assert "Yours: change it and send it again" in page
    assert "of 1, Manager" in page
    assert "it goes on by itself" not in page
