"""What is typed when a session ends comes back to who typed it, from our own page, and to nobody else."""

import httpx2
import pytest
from fastapi import FastAPI

from backend.api.routes.core.form_tokens import SIGN_IN, FormTokens
from backend.database.engine import Database
from backend.database.tables import Case, Person
from tests.api.routes.core.forms.test_forms import START, filled
from tests.support.html import page_of, said_in
from tests.support.leftovers import count
from tests.support.postgres import PASSWORD
from tests.support.web import ORIGIN, SECRET, Visitor, visitor_of

TYPED = "Typed for an hour"


def without_session(client: httpx2.AsyncClient) -> None:
    """What a browser has left after its session cookie expired."""
    client.cookies.delete("countersign")
    client.headers.pop("x-csrf-token", None)


async def typed(client: httpx2.AsyncClient) -> dict[str, str]:
    """A start form, filled in on the page of this session."""
    return {**await filled(client), "title": TYPED, "csrf_token": client.headers["x-csrf-token"]}


async def signed_in_from(client: httpx2.AsyncClient, page: httpx2.Response, name: str) -> httpx2.Response:
    """The answer to the sign-in form of this page."""
    form = page_of(page).one('form[action="/login"]')
    return await client.post("/login", data={**form.fields, "name": name, "password": PASSWORD})


async def test_it_is_shown_in_full_after_signing_in_and_sent_with_one_click(
    browser_of: Visitor, database: Database
) -> None:
    ann = await browser_of("ann")
    form = await typed(ann)
    without_session(ann)
    asked = await ann.post(START, data=form)
    assert asked.status_code == 401
    back = await signed_in_from(ann, asked, "ann")
    assert TYPED in said_in(back)
    again = page_of(back).one(f'main form[action="{START}"]')
    filled_again = await ann.post(START, data=again.fields)
    assert page_of(filled_again).one("#f-title")["value"] == TYPED
    assert await count(database, Case) == 0
    fields = page_of(filled_again).one('main form:has([name="title"])').fields
    content = {name: value for name, value in fields.items() if not name.endswith("_upload")}
    sent = await ann.post(START, data={**content, "send": "1"})
    assert sent.status_code == 303
    assert await count(database, Case) == 1


async def test_everything_that_is_sent_is_shown(browser_of: Visitor) -> None:
    ann = await browser_of("ann")
    form = await typed(ann)
    without_session(ann)
    back = await signed_in_from(ann, await ann.post(START, data=form), "ann")
    sent = page_of(back).one(f'main form[action="{START}"]').fields
    hidden = {"csrf_token", "restore", "form_token", "version", "draft", "typed_in"}
    said = said_in(back)
    shown = {name for name, value in sent.items() if value and " ".join(value.split()) in said}
    assert {name for name, value in sent.items() if value} - hidden <= shown
    assert TYPED in sent.values()


async def test_somebody_else_who_signs_in_there_gets_nothing_of_it(browser_of: Visitor) -> None:
    ann = await browser_of("ann")
    form = await typed(ann)
    without_session(ann)
    answer = await signed_in_from(ann, await ann.post(START, data=form), "root")
    assert (answer.status_code, answer.headers["location"]) == (303, START)
    assert TYPED not in answer.text


@pytest.mark.parametrize(
    "changed",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
async def test_another_site_puts_nothing_there(browser_of: Visitor, changed: dict[str, str]) -> None:
    ann = await browser_of("ann")
    form = await typed(ann)
    without_session(ann)
    answer = await ann.post(START, data=form, headers=changed)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/login?next=")


async def test_a_form_without_the_token_of_one_of_our_pages_puts_nothing_there(app: FastAPI) -> None:
    async with visitor_of(app, origin=ORIGIN) as stranger:
        for token in ("", "forged", FormTokens([SECRET]).new(SIGN_IN)):
            answer = await stranger.post(START, data={"title": TYPED, "csrf_token": token})
            assert answer.status_code == 303
            assert answer.headers["location"].startswith("/login?next=")


@pytest.mark.parametrize("name", ["kept", "carry:active", "carry:groups"])
async def test_what_is_posted_to_the_sign_in_page_itself_is_never_sent_on(
    browser_of: Visitor, database: Database, name: str
) -> None:
    root = await browser_of("")
    token = FormTokens([SECRET]).new(SIGN_IN)
    forged = FormTokens(["another key that is long enough to be one"]).sign("kept-input", ["root", "/people/eve", []])
    attack = {"next": "/people/eve", "form_token": token, "name": "root", "password": PASSWORD, name: forged}
    answer = await root.post("/login", data=attack)
    assert (answer.status_code, answer.headers["location"]) == (303, "/people/eve")
    async with database.across_tenants() as session:
        assert (await session.get_one(Person, "eve")).active


@pytest.mark.parametrize("path", ["/people/eve", "/calendar/holidays", "/deliveries/links", "/people/me/substitutes"])
async def test_rights_and_administration_are_never_kept(browser_of: Visitor, path: str) -> None:
    root = await browser_of("root")
    token = root.headers["x-csrf-token"]
    without_session(root)
    answer = await root.post(path, data={"csrf_token": token, "active": "yes", "groups": "admins", "name": TYPED})
    assert answer.status_code == 303
    assert TYPED not in answer.text
    back = await signed_in_from(root, await root.get(answer.headers["location"]), "root")
    assert back.status_code == 303


async def test_who_signed_in_again_in_another_tab_gets_the_form_back_with_one_click(
    browser_of: Visitor, database: Database
) -> None:
    first, second = await browser_of("ann"), await browser_of("ann")
    form = await typed(first)
    first.cookies.set("countersign", second.cookies["countersign"], domain="127.0.0.1")
    first.headers.pop("x-csrf-token")
    answer = await first.post(START, data=form)
    assert answer.status_code == 403
    assert TYPED in said_in(answer)
    again = page_of(answer).one(f'main form[action="{START}"]')
    assert again.fields["csrf_token"] == second.headers["x-csrf-token"]
    assert page_of(await first.post(START, data=again.fields)).one("#f-title")["value"] == TYPED
    assert await count(database, Case) == 0


async def test_a_page_of_somebody_else_in_another_tab_is_refused_and_not_shown(browser_of: Visitor) -> None:
    ann, root = await browser_of("ann"), await browser_of("root")
    form = await typed(ann)
    root.headers.pop("x-csrf-token")
    answer = await root.post(START, data=form)
    assert answer.status_code == 403
    assert TYPED not in answer.text


async def test_the_token_of_an_earlier_session_sends_nothing(browser_of: Visitor, database: Database) -> None:
    first, second = await browser_of("root"), await browser_of("root")
    old = first.headers["x-csrf-token"]
    second.headers.pop("x-csrf-token")
    answer = await second.post("/people/eve", data={"csrf_token": old, "groups": "admins", "active": "yes"})
    assert answer.status_code == 403
    assert "admins" not in page_of(answer).one("main").source
