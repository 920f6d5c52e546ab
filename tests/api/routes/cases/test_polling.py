"""Polls by the same person share a response for a second; different people never share one."""

import asyncio

import httpx2
import pytest
from starlette.types import Receive, Scope, Send

from backend.api.routes.cases import polling
from backend.api.routes.cases.polling import PollCache
from tests.api.routes.core.forms.test_forms import START, filled
from tests.support.html import page_of
from tests.support.web import Visitor


class Counting:
    """An app that counts requests and returns who sent one."""

    def __init__(self) -> None:
        self.asked = 0
        self.breaks = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
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
    app = PollCache(counting)
    people = ["ann", "mona"] * 10
    assert await asyncio.gather(*(get(app, "/cases/PUR-1/status", who) for who in people)) == people
    assert counting.asked == 2


async def test_an_answer_that_is_old_is_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "FRESH_SECONDS", -1.0)
    counting = Counting()
    app = PollCache(counting)
    for _ in range(3):
        await get(app, "/cases/PUR-1/status", "ann")
    assert counting.asked == 3


async def test_only_polls_are_shared() -> None:
    counting = Counting()
    app = PollCache(counting)
    for _ in range(3):
        await get(app, "/cases/PUR-1", "ann")
    assert counting.asked == 3


async def test_a_failure_reaches_everybody_who_waited() -> None:
    counting = Counting()
    counting.breaks = True
    app = PollCache(counting)
    answers = await asyncio.gather(*(get(app, "/x/status", "ann") for _ in range(5)), return_exceptions=True)
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
