"""My own account: password, sessions and tokens."""

import httpx2
from fastapi import FastAPI

from backend.database.engine import Database
from tests.support.html import page_of, said_in
from tests.support.web import ORIGIN, visitor_of
from tests.support.without_demo import PASSWORD, signed_in

NEW = "another password of ida"


async def test_a_password_is_changed_and_other_sessions_end(own_app: FastAPI, ida: httpx2.AsyncClient) -> None:
    assert "/profile" in page_of(await ida.get("/")).links
    elsewhere = await signed_in(own_app, "ida", PASSWORD)
    assert (await elsewhere.get("/approvals")).status_code == 200
    changed = await ida.post("/profile/password", data={"current": PASSWORD, "password": NEW})
    assert changed.status_code == 303
    assert (await ida.get("/approvals")).status_code == 200
    assert (await elsewhere.get("/approvals")).status_code == 303
    again = await signed_in(own_app, "ida", NEW)
    assert (await again.get("/approvals")).status_code == 200
    for client in (elsewhere, again):
        await client.aclose()


async def test_a_wrong_password_changes_nothing_and_is_not_guessed(own_app: FastAPI, ida: httpx2.AsyncClient) -> None:
    for form, field in (
        ({"current": "a wrong password", "password": NEW}, "current"),
        ({"current": PASSWORD, "password": "short"}, "password"),
    ):
        refused = await ida.post("/profile/password", data=form)
        assert refused.status_code == 422
        assert page_of(refused).one(f"#{field}").carries("aria-invalid")
    for _ in range(8):
        guessed = await ida.post("/profile/password", data={"current": "a guess", "password": NEW})
    assert guessed.status_code == 422
    assert "Too many attempts" in said_in(guessed)


async def test_other_sessions_are_ended(own_app: FastAPI, ida: httpx2.AsyncClient) -> None:
    elsewhere = await signed_in(own_app, "ida", PASSWORD)
    assert "This session" in said_in(await ida.get("/profile"))
    assert (await ida.post("/profile/sessions/end")).status_code == 303
    assert (await elsewhere.get("/approvals")).status_code == 303
    assert (await ida.get("/approvals")).status_code == 200
    await elsewhere.aclose()


async def test_a_token_is_created_used_and_revoked(
    own_app: FastAPI, own_database: Database, ida: httpx2.AsyncClient
) -> None:
    assert (await ida.post("/profile/tokens", data={"token": " "})).status_code == 422
    shown = await ida.post("/profile/tokens", data={"token": "my script", "scope": "read"})
    assert shown.headers["cache-control"] == "no-store"
    secret = page_of(shown).one("#secret").text
    again = await ida.post("/profile/tokens", data={"token": "my script"})
    assert (again.status_code, "already have a token" in said_in(again)) == (422, True)
    listed = said_in(await ida.get("/profile"))
    assert secret not in listed
    assert "never" in listed
    async with visitor_of(own_app, authorization=f"Bearer {secret}") as program:
        assert (await program.get("/api/v1/cases")).status_code == 200
        assert (await program.post("/api/v1/approvals/bulk", json={})).status_code == 403
        assert "never" not in said_in(await ida.get("/profile"))
        assert (await ida.post("/profile/tokens/revoke", data={"token": "my script"})).status_code == 303
        assert (await program.get("/api/v1/cases")).status_code == 401
    assert (await ida.post("/profile/tokens/revoke", data={"token": "my script"})).status_code == 404


async def test_a_password_is_not_kept_for_after_the_next_sign_in(ida: httpx2.AsyncClient) -> None:
    ida.cookies.delete("countersign")
    asked = await ida.post("/profile/password", data={"current": PASSWORD, "password": NEW})
    assert asked.status_code in {303, 401}
    assert PASSWORD not in asked.text
    assert not page_of(asked).has("[name=kept]")


async def test_nobody_without_a_session_sees_it(own_app: FastAPI, own_database: Database) -> None:
    async with visitor_of(own_app, origin=ORIGIN) as visitor:
        assert (await visitor.get("/profile")).status_code == 303
