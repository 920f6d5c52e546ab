"""Case actions as pages and over REST: the form of the model, its errors, double clicks, and what is refused."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx2
import pytest
from fastapi import FastAPI

from backend.database.engine import Database
from tests.api.routes.cases.test_rest import open_one
from tests.support.acting import HURRY, MOVE, offer, processes
from tests.support.html import page_of, said_in, source_of
from tests.support.web import Visitor

TOMORROW = datetime.now(UTC) + timedelta(days=1)
DAY = "2099-03-01"


@pytest.fixture
async def reference(app: FastAPI, database: Database, program_of: Visitor) -> str:
    """A purchase by ann that offers two actions: move the day, and hurry up."""
    app.state.web = replace(app.state.web, processes=processes())
    reference = await open_one(await program_of("ann"))
    await offer(database, reference, [MOVE, HURRY], TOMORROW)
    return reference


def token_of(page: httpx2.Response) -> str:
    return page_of(page).one("main form:has([name=form_token])").fields["form_token"]


async def test_the_case_page_offers_what_the_person_may_do_and_says_until_when(
    reference: str, browser_of: Visitor
) -> None:
    ann, finn = await browser_of("ann"), await browser_of("finn")
    for path in ("", "/status"):
        mine, his = await ann.get(f"/cases/{reference}{path}"), await finn.get(f"/cases/{reference}{path}")
        assert "Move the day" in said_in(mine)
        assert "Hurry up" not in source_of(mine)
        assert page_of(mine).has(".cs-offers time")
        assert "it stays as it is." in said_in(mine)
        assert "Hurry up" in said_in(his)


async def test_what_has_no_end_is_shown_apart_from_what_has_one(
    reference: str, database: Database, browser_of: Visitor
) -> None:
    await offer(database, reference, [MOVE], TOMORROW, number=2, beyond=[HURRY])
    page = await (await browser_of("finn")).get(f"/cases/{reference}")
    moved, hurried = page_of(page).one("ul.cs-offers").all("li")
    assert ("Move the day" in moved.text, moved.has("time"), "Hurry up" in moved.source) == (True, True, False)
    assert "Hurry up" in hurried.text
    assert "Available at any time." in hurried.text
    assert "until" not in hurried.text


async def test_the_form_comes_from_the_model_and_keeps_what_was_typed_beside_its_errors(
    reference: str, browser_of: Visitor
) -> None:
    ann = await browser_of("ann")
    path = f"/cases/{reference}/actions/move"
    page = await ann.get(path)
    assert "Needed by" in said_in(page)
    form = {"needed_by": "2001-01-01", "why": "kept words", "form_token": token_of(page), "act": "1"}
    again = await ann.post(path, data=form | {"needed_by": "2001-01-01"})
    assert again.status_code == 422
    assert "Choose today or a later day" in said_in(again)
    assert page_of(again).one("[name=why]").held == "kept words"
    assert token_of(again) == token_of(page)
    done = await ann.post(path, data=form | {"needed_by": DAY})
    assert (done.status_code, done.headers["location"]) == (303, f"/cases/{reference}")
    shown = await ann.get(f"/cases/{reference}")
    assert "Ann Berger (you) moved the day to 2099-03-01." in said_in(shown)
    assert "Move the day" not in source_of(shown)
    assert (await ann.post(path, data=form | {"needed_by": DAY})).status_code == 303, "the second click of the form"


async def test_a_page_that_was_open_for_too_long_says_that_nothing_was_changed(
    reference: str, browser_of: Visitor
) -> None:
    ann, finn = await browser_of("ann"), await browser_of("finn")
    old = await ann.get(f"/cases/{reference}/actions/move")
    hurry = await finn.get(f"/cases/{reference}/actions/hurry")
    done = await finn.post(f"/cases/{reference}/actions/hurry", data={"form_token": token_of(hurry), "act": "1"})
    assert done.status_code == 303
    form = {"needed_by": DAY, "why": "late", "form_token": token_of(old), "act": "1"}
    late = await ann.post(f"/cases/{reference}/actions/move", data=form)
    assert late.status_code == 409
    assert "Nothing was changed" in said_in(late)
    assert f"Back to {reference}" in said_in(late)


async def test_getting_the_form_changes_nothing_and_foreign_actions_are_refused(
    reference: str, browser_of: Visitor
) -> None:
    ann, eve = await browser_of("ann"), await browser_of("eve")
    assert (await ann.get(f"/cases/{reference}/actions/hurry")).status_code == 403
    assert (await ann.get(f"/cases/{reference}/actions/none")).status_code == 404
    assert (await eve.get(f"/cases/{reference}/actions/move")).status_code == 404
    prefilled = await ann.get(f"/cases/{reference}/actions/move?why=because&act=1")
    assert page_of(prefilled).one("[name=why]").held == "because"
    assert "Move the day" in said_in(await ann.get(f"/cases/{reference}"))


async def test_a_program_reads_what_is_offered_and_does_it_once_a_key(reference: str, program_of: Visitor) -> None:
    ann = await program_of("ann")
    path = f"/api/v1/cases/{reference}/actions"
    [offered] = (await ann.get(path)).json()
    assert (offered["key"], offered["offer"], offered["label"]) == ("move", 1, "Move the day")
    assert set(offered["input_schema"]["properties"]) == {"needed_by", "why"}
    wrong = await ann.post(f"{path}/move", json={"needed_by": "2001-01-01", "more": 1})
    assert wrong.status_code == 422
    assert {each["pointer"] for each in wrong.json()["errors"]} == {"/needed_by", "/why", "/more"}
    body, headers = {"needed_by": DAY, "why": "The hall"}, {"idempotency-key": "one"}
    done = await ann.post(f"{path}/move", json=body, headers=headers)
    assert (done.status_code, done.json()["version"]) == (200, 2)
    again = await ann.post(f"{path}/move", json=body, headers=headers)
    assert (again.status_code, again.headers["idempotency-replayed"]) == (200, "true")
    other = await ann.post(f"{path}/move", json=body)
    assert (other.status_code, other.json()["code"]) == (409, "action_not_offered")
    assert (await ann.get(path)).json() == []


async def test_a_program_is_told_what_it_may_not_do(reference: str, program_of: Visitor) -> None:
    ann = await program_of("ann")
    path = f"/api/v1/cases/{reference}/actions"
    answer = await ann.post(f"{path}/hurry", json={})
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    assert (await ann.post(f"{path}/none", json={})).status_code == 404
    assert (await ann.post(f"{path}/move", content=b"[]")).status_code == 422
