"""Polls by the same person share a response for a second; different people never share one."""

import asyncio

import httpx2
import pytest
from fastapi import FastAPI
from sqlalchemy import text
from starlette.types import Receive, Scope, Send

from backend.api.routes.cases import polling
from backend.api.routes.cases.polling import PollCache
from backend.embedded.postgres import EmbeddedPostgres
from tests.api.routes.core.forms.test_forms import START, filled
from tests.support.conditions import eventually
from tests.support.html import page_of
from tests.support.web import ORIGIN, Visitor


class Counting:
    """An app that counts requests and returns who sent one."""

    def __init__(self) -> None:
        self.asked = 0
        self.breaks = False
        self.over = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.over.wait()
            return
        self.asked += 1
        await asyncio.sleep(0)
        if self.breaks:
            raise RuntimeError("broken")
        body = dict(scope["headers"]).get(b"cookie", b"nobody")
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body})


async def get(app: PollCache, path: str, cookie: str) -> str:
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://desk") as client:
        return (await client.get(path, headers={"cookie": cookie})).text


async def test_each_person_gets_their_own_answer_once_a_second() -> None:
    counting = Counting()
    app = PollCache(counting, "countersign")
    people = ["countersign=ann", "countersign=mona"] * 10
    assert await asyncio.gather(*(get(app, "/cases/PUR-1/status", who) for who in people)) == people
    assert counting.asked == 2


async def test_an_answer_that_is_old_is_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "FRESH_SECONDS", -1.0)
    counting = Counting()
    app = PollCache(counting, "countersign")
    for _ in range(3):
        await get(app, "/cases/PUR-1/status", "countersign=ann")
    assert counting.asked == 3


async def test_only_polls_are_shared() -> None:
    counting = Counting()
    app = PollCache(counting, "countersign")
    for _ in range(3):
        await get(app, "/cases/PUR-1", "countersign=ann")
    assert counting.asked == 3


async def test_a_failure_reaches_everybody_who_waited() -> None:
    counting = Counting()
    counting.breaks = True
    app = PollCache(counting, "countersign")
    answers = await asyncio.gather(
        *(get(app, "/x/status", "countersign=ann") for _ in range(5)), return_exceptions=True
    )
    assert [str(answer) for answer in answers] == ["broken"] * 5
    assert counting.asked == 1


async def test_answers_in_two_languages_stay_apart(browser_of: Visitor) -> None:
    ann = await browser_of("ann")
    sent = await ann.post(START, data=await filled(ann))
    where = f"{sent.headers['location']}/status?language=en"
    english, german = [await ann.get(where, headers={"accept-language": tag}) for tag in ("en", "de")]
    assert [each.headers["content-language"] for each in (english, german)] == ["en", "de"]
    assert english.headers["etag"] != german.headers["etag"]
    kept = {"accept-language": "de", "if-none-match": english.headers["etag"]}
    assert (await ann.get(where, headers=kept)).status_code == 200


async def test_after_a_switch_the_next_poll_is_in_the_new_language(browser_of: Visitor) -> None:
    ann = await browser_of("ann")
    case = (await ann.post(START, data=await filled(ann))).headers["location"]

    async def polled() -> httpx2.Response:
        return await ann.get(page_of(await ann.get(case)).one("#poll")["data-url"])

    assert (await polled()).headers["content-language"] == "en"
    try:
        menu = page_of(await ann.get(case)).one('form[action="/language"]')
        assert (await ann.post("/language", data={**menu.fields, "language": "de"})).headers["location"] == case
        assert (await polled()).headers["content-language"] == "de"
    finally:
        await ann.post("/language", data={"language": "auto"})


class Refusing(Counting):
    """An app that has no such session."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked += 1
        await send({"type": "http.response.start", "status": 303, "headers": []})
        await send({"type": "http.response.body", "body": b""})


async def test_nothing_is_kept_for_who_has_no_session() -> None:
    counting = Counting()
    app = PollCache(counting, "countersign")
    for cookie in ("", "other=1", f"countersign={'a' * 5000}", f"x={'a' * 100_000}"):
        for _ in range(3):
            await get(app, "/x/status", cookie)
    assert counting.asked == 12
    assert app.bytes == 0


async def test_nothing_is_kept_for_a_session_that_does_not_exist() -> None:
    refusing = Refusing()
    app = PollCache(refusing, "countersign")
    for number in range(50):
        await get(app, "/x/status", f"countersign={number}")
    assert len(app._responses) == 0  # noqa: SLF001 - what an attacker would fill


async def test_what_is_kept_is_bounded_in_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "MAX_BYTES", 2_000)
    counting = Counting()
    app = PollCache(counting, "countersign")
    for number in range(100):
        await get(app, f"/cases/PUR-{number}/status", f"countersign={'a' * 500}")
        assert app.bytes <= 2_000
    assert app.bytes > 1_000


async def test_old_responses_are_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "FRESH_SECONDS", -1.0)
    app = PollCache(Counting(), "countersign")
    for number in range(20):
        await get(app, f"/cases/PUR-{number}/status", "countersign=ann")
    assert len(app._responses) == app.bytes == 0  # noqa: SLF001 - what would grow


async def test_no_poll_is_answered_from_before_the_session_ended(app: FastAPI, browser_of: Visitor) -> None:
    ann = await browser_of("ann")
    case = (await ann.post(START, data=await filled(ann))).headers["location"]
    transport = httpx2.ASGITransport(PollCache(app, "countersign"), raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url=ORIGIN, headers=ann.headers) as cached:
        cached.cookies.set("countersign", ann.cookies["countersign"], domain="127.0.0.1")
        before = await cached.get(f"{case}/status")
        assert before.status_code == 200
        secret = ann.cookies["countersign"]
        assert (await cached.post("/logout")).status_code == 303
        cached.cookies.clear()
        cached.cookies.set("countersign", secret, domain="127.0.0.1")
        assert (await cached.get(f"{case}/status")).status_code == 401


async def test_a_session_that_ends_in_another_web_process_ends_its_polls_here(
    app: FastAPI, cluster: EmbeddedPostgres, browser_of: Visitor
) -> None:
    ann, counting = await browser_of("ann"), Counting()
    here = PollCache(counting, "countersign", cluster.app_url)
    cookie = f"countersign={ann.cookies['countersign']}"
    living = asyncio.create_task(here({"type": "lifespan"}, None, None))

    async def listens() -> bool:
        async with app.state.web.database.across_tenants() as session:
            return bool(await session.scalar(text("SELECT 1 FROM pg_stat_activity WHERE query LIKE 'LISTEN%ended%'")))

    await eventually(listens)
    await get(here, "/x/status", cookie)
    assert here.bytes > 0
    await ann.post("/logout")

    async def forgotten() -> bool:
        return here.bytes == 0

    await eventually(forgotten, seconds=0.9)
    counting.over.set()
    await living


async def test_what_a_person_just_did_is_in_their_next_poll() -> None:
    counting = Counting()
    cache = PollCache(counting, "countersign")
    transport = httpx2.ASGITransport(cache)
    async with httpx2.AsyncClient(transport=transport, base_url="http://desk") as client:
        for method in ("GET", "GET", "POST", "GET"):
            await client.request(method, "/cases/PUR-1/status", headers={"cookie": "countersign=ann"})
    assert counting.asked == 3
