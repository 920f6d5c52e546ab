"""A full disk: people are told, what they typed stays, and it works as soon as there is space again."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from backend.database.engine import Database
from backend.database.errors import StorageFull
from backend.embedded.postgres import EmbeddedPostgres
from tests.api.routes.core.forms.test_forms import PDF, START, filled, my_cases
from tests.support.html import page_of, said_in
from tests.support.postgres import run_as_owner
from tests.support.purchases import purchase
from tests.support.web import Visitor

KEY = {"idempotency-key": "k"}
# What PostgreSQL raises when it cannot extend a table.
FULL = """
CREATE FUNCTION no_space() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$
"""
FILL = "CREATE TRIGGER no_space BEFORE INSERT ON cases FOR EACH ROW EXECUTE FUNCTION no_space()"
FREE = "DROP FUNCTION IF EXISTS no_space() CASCADE"


@pytest.fixture
async def free(cluster: EmbeddedPostgres, database: Database) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Cases cannot be stored until this is called."""
    await run_as_owner(cluster, FULL, FILL)

    async def make_space() -> None:
        await run_as_owner(cluster, FREE)

    yield make_space
    await make_space()
    assert database


async def test_what_was_typed_stays_on_the_page_and_is_sent_when_there_is_space(
    browser_of: Visitor, free: Callable[[], Awaitable[None]]
) -> None:
    ann = await browser_of("ann")
    answer = await ann.post(START, data=await filled(ann, title="A title to keep"))
    assert answer.status_code == 503
    assert "no space left" in said_in(answer)
    again = page_of(answer).one(f'form[action="{START}"]')
    assert again.fields["title"] == "A title to keep"
    await free()
    assert (await ann.post(START, data=again.fields)).status_code == 303
    assert len(await my_cases(ann)) == 1


@pytest.mark.usefixtures("free")
async def test_a_program_is_told_to_try_again(program_of: Visitor) -> None:
    ann = await program_of("ann")
    answer = await ann.post("/api/v1/processes/purchase_approval/cases", json=purchase(), headers=KEY)
    assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (503, "database_away", "5")


async def test_a_full_disk_is_told_from_a_server_that_is_away(database: Database) -> None:
    full = text("DO $$ BEGIN RAISE EXCEPTION 'full' USING ERRCODE = '53100'; END $$")
    with pytest.raises(StorageFull):
        async with database.transaction("default") as session:
            await session.execute(full)


async def test_a_file_that_cannot_be_stored_is_an_error_of_its_field(browser_of: Visitor, tmp_path: Path) -> None:
    ann = await browser_of("ann")
    (tmp_path / "files" / "default").write_text("in the way of the folder with this name")
    answer = await ann.post(START, data=await filled(ann, title="A title to keep"), files={"attachments_upload": PDF})
    assert answer.status_code == 422
    assert "could not store this" in said_in(answer)
    assert page_of(answer).one("[name=title]")["value"] == "A title to keep"
    assert await my_cases(ann) == []
