"""Pages are in the language of their reader, and no cached response crosses languages."""

from backend.cases.core.actor import read_actor
from backend.database.engine import Database
from tests.support.html import page_of, said_in
from tests.support.web import Visitor

GERMAN = {"accept-language": "de-AT,de;q=0.9,en;q=0.5"}


async def test_the_sign_in_page_speaks_as_the_browser_asks(browser_of: Visitor) -> None:
    nobody = await browser_of("")
    english, german = await nobody.get("/login"), await nobody.get("/login", headers=GERMAN)
    assert page_of(english).one("h1").text == "Sign in"
    assert page_of(german).one("h1").text == "Anmelden"
    assert [page_of(each)["lang"] for each in (english, german)] == ["en", "de"]
    assert [each.headers["content-language"] for each in (english, german)] == ["en", "de"]
    assert "Accept-Language" in german.headers["vary"]


async def test_a_failed_sign_in_says_so_in_german(browser_of: Visitor) -> None:
    nobody = await browser_of("")
    token = page_of(await nobody.get("/login")).one("form").fields["form_token"]
    form = {"name": "ann", "password": "wrong", "form_token": token}
    answer = await nobody.post("/login", data=form, headers=GERMAN)
    assert page_of(answer).one('[role="alert"]').text == "Benutzername oder Passwort ist falsch."


async def test_a_choice_outweighs_the_browser_until_it_is_taken_back(browser_of: Visitor, database: Database) -> None:
    edda = await browser_of("edda")
    try:
        changed = await edda.post("/language", data={"language": "de", "back": "/cases"})
        assert (changed.status_code, changed.headers["location"]) == (303, "/cases")
        page = page_of(await edda.get("/", headers={"accept-language": "en"}))
        assert page["lang"] == "de"
        assert "Eingang" in page.one(".cs-nav").text
        pressed = [each["value"] for each in page.all('button[name="language"][aria-pressed="true"]')]
        assert pressed == ["de"]
        async with database.transaction("default") as session:
            actor = await read_actor(session, "edda")
        assert actor is not None
        assert actor.language == "de"
        await edda.post("/language", data={"language": "xx"})
        assert page_of(await edda.get("/"))["lang"] == "de"
    finally:
        await edda.post("/language", data={"language": "auto"})
    assert page_of(await edda.get("/"))["lang"] == "en"
    assert page_of(await edda.get("/", headers=GERMAN))["lang"] == "de"


async def test_a_choice_needs_the_token_of_the_session(browser_of: Visitor) -> None:
    edda = await browser_of("edda")
    refused = await edda.post("/language", data={"language": "de"}, headers={"x-csrf-token": "forged"})
    assert refused.status_code == 403


async def test_programs_are_answered_in_english_whatever_they_accept(program_of: Visitor) -> None:
    ann = await program_of("ann")
    answer = await ann.get("/api/v1/cases/PUR-000000", headers=GERMAN)
    assert answer.json()["title"] == (await ann.get("/api/v1/cases/PUR-000000")).json()["title"]
    assert "content-language" not in answer.headers


async def test_a_page_that_is_not_there_says_so_in_the_language_of_the_reader(browser_of: Visitor) -> None:
    edda = await browser_of("edda")
    assert "Zum Hauptinhalt springen" in said_in(await edda.get("/cases/PUR-999999", headers=GERMAN))
