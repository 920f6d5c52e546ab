"""The setup page: for who has the key, once, with every problem at its field."""

from fastapi import FastAPI

from backend.cases.people.setup import SetupKeys
from backend.database.engine import Database
from tests.support.html import page_of, said_in
from tests.support.web import ORIGIN, SECRET, visitor_of
from tests.support.without_demo import PASSWORD, with_admin

FORM = {
    "organization": "Harbour Works",
    "time_zone": "Europe/Berlin",
    "language": "de",
    "name": "Ida Falk",
    "email": "ida@harbour.example",
    "id": "Ida",
    "password": PASSWORD,
}


def key() -> str:
    """The key that `up` prints."""
    return SetupKeys([SECRET]).new()


async def test_the_first_administrator_sets_it_up_and_is_signed_in(own_app: FastAPI) -> None:
    async with visitor_of(own_app, origin=ORIGIN) as ida:
        signing_in = await ida.get("/login")
        assert (signing_in.status_code, signing_in.headers["location"]) == (303, "/setup")
        form = page_of(await ida.get(f"/setup?key={key()}")).one("main form").fields
        done = await ida.post("/setup", data={**form, **FORM})
        assert (done.status_code, done.headers["location"]) == (303, "/people")
        assert "Ida Falk" in said_in(await ida.get("/people"))
        assert (await ida.get("/processes/purchase_approval/start")).status_code == 200
        again = await ida.post("/setup", data={**form, **FORM, "id": "eve"})
        assert again.status_code == 409
        assert "Countersign is already set up." in said_in(again)


async def test_without_the_key_nobody_sets_it_up(own_app: FastAPI) -> None:
    async with visitor_of(own_app, origin=ORIGIN) as eve:
        for wrong in ("", "guessed", SetupKeys([SECRET[::-1]]).new()):
            page = await eve.get("/setup", params={"key": wrong})
            assert page.status_code == 403
            assert not page_of(page).has("main form")
            assert (await eve.post("/setup", data={**FORM, "key": wrong})).status_code == 403
        assert (await eve.get("/login")).headers["location"] == "/setup"


async def test_problems_are_at_their_fields_and_what_was_typed_stays(own_app: FastAPI) -> None:
    async with visitor_of(own_app, origin=ORIGIN) as ida:
        wrong = {**FORM, "key": key(), "time_zone": "Atlantis", "password": "short", "email": "ida@"}
        refused = await ida.post("/setup", data=wrong)
        assert refused.status_code == 422
        page = page_of(refused)
        for field in ("time_zone", "password", "email"):
            assert page.one(f"#{field}").carries("aria-invalid"), field
            assert page.has(f'#problems a[href="#{field}"]'), field
        assert page.one("#organization")["value"] == "Harbour Works"
        assert page.one("#time_zone")["value"] == "Atlantis"
        assert "short" not in page.one("#password").source
        assert (await ida.post("/setup", data={**FORM, "key": key()})).status_code == 303


async def test_a_page_of_another_site_cannot_set_it_up(own_app: FastAPI) -> None:
    async with visitor_of(own_app, origin="https://elsewhere.example") as eve:
        assert (await eve.post("/setup", data={**FORM, "key": key()})).status_code == 403


async def test_an_installation_with_people_has_nothing_to_set_up(own_app: FastAPI, own_database: Database) -> None:
    await with_admin(own_database)
    async with visitor_of(own_app) as visitor:
        assert (await visitor.get("/login")).status_code == 200
        assert (await visitor.get(f"/setup?key={key()}")).status_code == 409
