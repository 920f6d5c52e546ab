"""Three people decide at the same instant, by page, API and bulk: one verdict each, and correct messages to all."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest
from sqlalchemy import select

from backend.cases.audit.verify import verify
from backend.cases.inbox.bulk_runner import BulkRunner
from backend.database.engine import Database
from backend.database.tables import Approval, Notification, OutboxRow, RecordedDecision
from backend.processes import by_key
from tests.support.approvals import asked_about
from tests.support.conditions import eventually
from tests.support.html import said_in
from tests.support.purchases import purchase
from tests.support.web import Visitor

ROUNDS, AT_ONCE = 20, 5  # as many at once as the runner of bulk jobs decides at once
WHO = {"page": "finn", "api": "fay", "bulk": "mona"}
NAMES = {"page": "Finn Aalto", "api": "Fay Nowak", "bulk": "Mona Lind"}
CHANNELS = list(WHO)
PAST = {"approve": "approved", "reject": "rejected"}


@dataclass(frozen=True)
class Raced:
    """One approval for all three people, and the decision of each."""

    title: str
    id: UUID
    case_id: UUID
    answers: dict[str, str]


@dataclass(frozen=True)
class Told:
    """The response to one person: whether the decision counts, and the message."""

    counts: bool
    words: str


Race = Callable[[Sequence[Raced], str], Awaitable[list[dict[str, Told]]]]


async def ask(database: Database, needed: int, answers: dict[str, str]) -> list[Raced]:
    """Open approvals for finance and mona. Each has a title of its own, so that a message identifies its approval."""

    async def one() -> Raced:
        title, who = f"Desk {uuid4()}", ("group:finance", "person:mona")
        case, approval = await asked_about(database, purchase(title=title), who=who, needed=needed)
        return Raced(title, approval.approval_id, case.id, answers)

    return list(await asyncio.gather(*(one() for _ in range(AT_ONCE))))


async def look(client: httpx2.AsyncClient, times: int) -> None:
    """Wait for a moment that scales with the speed of the machine."""
    for _ in range(times):
        assert (await client.get("/api/v1/notifications?limit=1")).status_code == 200


async def on_the_page(window: httpx2.AsyncClient, raced: Raced, late: int) -> Told:
    """Decide on the page; the result is on the page that follows."""
    await look(window, late)
    form = {"decision": raced.answers["page"], "comment": "Looked at.", "version": "1"}
    answer = await window.post(f"/approvals/{raced.id}/decision", data=form)
    if answer.status_code != 303:
        assert answer.status_code == 409, answer.text
        return Told(counts=False, words=said_in(answer))
    return Told(counts=True, words=said_in(await window.get(answer.headers["location"])))


async def by_program(program: httpx2.AsyncClient, raced: Raced, late: int) -> Told:
    """Decide over REST."""
    await look(program, late)
    body = {"decision": raced.answers["api"], "comment": "Looked at.", "version": 1}
    answer = await program.post(f"/api/v1/approvals/{raced.id}/decision", json=body)
    found = answer.json()
    if answer.status_code == 200:
        own = [vote for vote in found["votes"] if vote["by"] == WHO["api"]]
        assert [vote["decision"] for vote in own] == [raced.answers["api"]]
        return Told(counts=True, words=found["state"])
    assert (answer.status_code, found["code"]) == (409, "already_decided"), answer.text
    assert found["decided_by"] in found["detail"]
    return Told(counts=False, words=found["detail"])


async def start_bulk(window: httpx2.AsyncClient, raced: Sequence[Raced]) -> str:
    """Decide these in bulk from the list and return the address of the results."""
    picked = await window.post("/approvals/bulk", data={"pick": [f"{one.id}:1" for one in raced]})
    job = str(picked.headers["location"])
    given = {"decision": raced[0].answers["bulk"], "comment": "Looked at."}
    assert (await window.post(job, data=given)).status_code == 303
    return job


async def results_of(window: httpx2.AsyncClient, job: str, raced: Sequence[Raced]) -> list[Told]:
    """The bulk result of each, once all are done."""

    async def found() -> list[dict[str, Any]] | None:
        answer = (await window.get(f"/api/v1{job}")).json()
        return answer["items"] if answer["waiting"] == 0 else None

    items = {item["id"]: item for item in await eventually(found)}
    page = said_in(await window.get(job))
    for item in items.values():
        assert item["result"].rstrip(".") in page
        assert item["code"] == ("" if item["state"] == "decided" else "already_decided")
    mine = [items[str(one.id)] for one in raced]
    return [Told(item["state"] == "decided", item["result"]) for item in mine]


@pytest.fixture
async def runner(database: Database) -> AsyncIterator[None]:
    """The runner of bulk jobs, as the relay process has it."""
    stop, working = asyncio.Event(), BulkRunner(database, by_key())
    running = asyncio.create_task(working.run(stop))
    yield
    stop.set()
    await running


@pytest.fixture
async def race(browser_of: Visitor, program_of: Visitor, runner: None) -> Race:
    """All three decide the same approvals at once, one of them slightly ahead; finn has a browser for each approval."""
    windows = [await browser_of("finn") for _ in range(AT_ONCE)]
    fay, mona = await program_of("fay"), await browser_of("mona")

    async def run(raced: Sequence[Raced], ahead: str) -> list[dict[str, Told]]:
        bulk = asyncio.create_task(start_bulk(mona, raced))
        if ahead == "bulk":
            await bulk
        late, in_time = list(range(AT_ONCE)), [0] * AT_ONCE
        page_late, api_late = in_time if ahead == "page" else late, late if ahead == "bulk" else in_time
        clicks = [on_the_page(*each) for each in zip(windows, raced, page_late, strict=True)]
        calls = [by_program(fay, *each) for each in zip(raced, api_late, strict=True)]
        told = await asyncio.gather(*(calls + clicks if ahead == "api" else clicks + calls))
        first, second = told[:AT_ONCE], told[AT_ONCE:]
        api, page = (first, second) if ahead == "api" else (second, first)
        result = zip(page, api, await results_of(mona, await bulk, raced), strict=True)
        return [dict(zip(WHO, each, strict=True)) for each in result]

    return run


async def kept(database: Database, raced: Raced) -> tuple[Approval, list[RecordedDecision], list[OutboxRow]]:
    """The approval, its decisions and its signals in the database; the requester was notified once."""
    async with database.across_tenants() as session:
        row = await session.get_one(Approval, raced.id)
        votes = list(
            await session.scalars(
                select(RecordedDecision).where(RecordedDecision.approval_id == raced.id).order_by(RecordedDecision.at)
            )
        )
        decide = (OutboxRow.case_id == raced.case_id, OutboxRow.kind == "decide")
        heard = list(await session.scalars(select(OutboxRow).where(*decide)))
        mine = (Notification.approval_id == raced.id, Notification.event == "decided")
        told = list(await session.scalars(select(Notification.person_id).where(*mine)))
    assert told == ["ann"]
    return row, votes, heard


async def test_one_verdict_and_the_other_two_are_told_whose(database: Database, race: Race) -> None:
    winners: Counter[str] = Counter()
    for number in range(ROUNDS):
        # Everybody says no at times, so that a verdict shows whose answer it is.
        answers = {channel: "reject" if channel == CHANNELS[number % 3] else "approve" for channel in WHO}
        raced = await ask(database, needed=1, answers=answers)
        told = await race(raced, CHANNELS[number // 3 % 3])
        for one, heard in zip(raced, told, strict=True):
            (winner,) = [channel for channel, words in heard.items() if words.counts]
            await _one_verdict(database, one, winner, heard)
            winners[winner] += 1
    assert set(winners) == set(WHO), f"it was no race: {winners}"
    assert [(report.tenant, report.ok) for report in await verify(database)] == [("acme", True), ("default", True)]


def closed_with(one: Raced, verdict: str) -> dict[str, str]:
    """The message of each channel to the person whose decision closed this approval."""
    return {"page": f"{verdict.capitalize()}: {one.title}.", "api": verdict, "bulk": f"{verdict.capitalize()}."}


async def _one_verdict(database: Database, one: Raced, winner: str, heard: dict[str, Told]) -> None:
    answer = one.answers[winner]
    row, votes, sent = await kept(database, one)
    assert (row.state, row.decided_by) == (PAST[answer], WHO[winner])
    assert [(vote.person_id, vote.channel, vote.decision) for vote in votes] == [(WHO[winner], winner, answer)]
    assert [(each.payload["verdict"], each.payload["by"]) for each in sent] == [(row.state, [WHO[winner]])]
    recorded = closed_with(one, PAST[answer])
    for channel, words in heard.items():
        refused = f"Already decided: {NAMES[winner]} {PAST[answer]} this. Nothing was changed."
        assert (recorded[channel] if channel == winner else refused) in words.words, (channel, winner, words)


async def test_two_must_agree_and_of_three_who_do_the_last_is_told_it_was_closed(
    database: Database, race: Race
) -> None:
    for ahead in CHANNELS:
        raced = await ask(database, needed=2, answers=dict.fromkeys(WHO, "approve"))
        for one, heard in zip(raced, await race(raced, ahead), strict=True):
            row, votes, sent = await kept(database, one)
            counted = [vote.channel for vote in votes]
            assert (row.state, len(counted), len(sent)) == ("approved", 2, 1)
            assert {channel for channel, words in heard.items() if words.counts} == set(counted)
            (late,) = set(WHO) - set(counted)
            assert f"Already decided: {NAMES[counted[1]]} approved this." in heard[late].words
            first, second = (heard[channel].words for channel in counted)
            assert ("open" if counted[0] == "api" else "Decision recorded, more are needed") in first
            assert closed_with(one, "approved")[counted[1]] in second
