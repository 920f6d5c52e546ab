"""A comment is saved once even if it is sent repeatedly, and refused text is not lost."""

import asyncio
from typing import Any

from sqlalchemy import select

from backend.cases.core.comments import MAX_COMMENTS
from backend.database.engine import Database
from backend.database.tables import Case, Comment
from backend.embedded.postgres import EmbeddedPostgres
from tests.api.routes.cases.test_rest import open_one
from tests.support.html import page_of, said_in
from tests.support.postgres import run_as_owner
from tests.support.web import Visitor

# Deferred, so it runs within COMMIT.
FALLS_AT_COMMIT = (
    """CREATE FUNCTION fall() RETURNS trigger LANGUAGE plpgsql
       AS $$BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END$$""",
    """CREATE CONSTRAINT TRIGGER falls AFTER INSERT ON comments DEFERRABLE INITIALLY DEFERRED
       FOR EACH ROW EXECUTE FUNCTION fall()""",
)


async def form_of(client: Any, page: str) -> str:
    """The form token of the comment form."""
    return page_of(await client.get(page)).one('form[action$="/comments"]').fields["form_token"]


async def say(client: Any, page: str, token: str, text: str) -> Any:
    return await client.post(f"{page}/comments", data={"text": text, "form_token": token})


async def test_a_doubled_click_says_it_once(browser_of: Visitor, program_of: Visitor) -> None:
    program, ann = await program_of("ann"), await browser_of("ann")
    page = f"/cases/{await open_one(program)}"
    token = await form_of(ann, page)
    answers = await asyncio.gather(*(say(ann, page, token, "By May,\r\nplease.") for _ in range(4)))
    assert {answer.status_code for answer in answers} == {303}
    assert (await say(ann, page, token, "Or June.")).status_code == 303, "going back and writing something else is new"
    assert (await say(ann, page, await form_of(ann, page), "Or June.")).status_code == 303, "and so is another form"
    said = (await program.get(f"/api/v1{page}/comments")).json()
    assert [each["text"] for each in said] == ["By May,\nplease.", "Or June.", "Or June."]


async def test_a_comment_that_cannot_be_taken_stays_in_its_field(browser_of: Visitor, program_of: Visitor) -> None:
    program, ann = await program_of("ann"), await browser_of("ann")
    page = f"/cases/{await open_one(program)}"
    token = await form_of(ann, page)
    fits = "\r\n".join(["x" * 99] * 40)
    assert (await say(ann, page, token, fits)).status_code == 303, "a line end is one character, as browsers count"
    for text, why in (("y" * 4001, "A comment can have up to 4,000 characters."), ("  ", "Write something first.")):
        answer = await say(ann, page, token, text)
        assert answer.status_code == 422
        refused = page_of(answer)
        assert why in refused.one("#say-error[role=alert]").text
        assert refused.one("textarea[name=text]").held == text
    assert len((await program.get(f"/api/v1{page}/comments")).json()) == 1


async def test_a_full_case_says_so_beside_the_field(
    database: Database, browser_of: Visitor, program_of: Visitor
) -> None:
    program, ann = await program_of("ann"), await browser_of("ann")
    reference = await open_one(program)
    async with database.transaction("default") as session:
        case_id = await session.scalar(select(Case.id).where(Case.reference == reference))
        session.add_all(
            Comment(tenant_id="default", case_id=case_id, person_id="ann", text="More") for _ in range(MAX_COMMENTS)
        )
    page = f"/cases/{reference}"
    refused = await say(ann, page, await form_of(ann, page), "One too many")
    assert refused.status_code == 429
    assert "limit of 500 comments" in said_in(refused)
    assert page_of(refused).one("textarea[name=text]").held == "One too many"


async def test_a_program_that_repeats_itself_says_it_once(program_of: Visitor) -> None:
    ann, root = await program_of("ann"), await program_of("root")
    place = f"/api/v1/cases/{await open_one(ann)}/comments"
    key = {"Idempotency-Key": "remark-1"}
    answers = [await ann.post(place, json={"text": "By May."}, headers=key) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    other = await ann.post(place, json={"text": "By June."}, headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert (await root.post(place, json={"text": "By July."}, headers=key)).status_code == 201, "a key is one person's"
    assert [each["text"] for each in (await ann.get(place)).json()] == ["By May.", "By July."]


async def test_what_may_have_been_saved_is_not_called_refused_and_can_be_sent_again(
    cluster: EmbeddedPostgres, browser_of: Visitor, program_of: Visitor
) -> None:
    program, ann = await program_of("ann"), await browser_of("ann")
    page = f"/cases/{await open_one(program)}"
    token = await form_of(ann, page)
    await run_as_owner(cluster, *FALLS_AT_COMMIT)
    try:
        lost = await say(ann, page, token, "By May.")
        told = await program.post(f"/api/v1{page}/comments", json={"text": "By June."})
    finally:
        await run_as_owner(cluster, "DROP FUNCTION fall() CASCADE")
    assert (lost.status_code, told.status_code) == (503, 503)
    assert "not certain whether this was saved" in told.json()["detail"]
    assert "not certain whether this was saved" in said_in(lost)
    assert page_of(lost).one("[name=text]").held == "By May."
    for _ in range(2):
        assert (await say(ann, page, token, "By May.")).status_code == 303
    assert [each["text"] for each in (await program.get(f"/api/v1{page}/comments")).json()] == ["By May."]
