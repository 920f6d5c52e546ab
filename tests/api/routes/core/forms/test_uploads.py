"""Files belong to the field they were chosen for, whatever its name; elsewhere they are an error."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated
from uuid import UUID

import httpx2
from fastapi import FastAPI, Request
from pydantic import BaseModel, Field
from starlette.types import Message

from backend.api.routes.core.forms.uploads import attach
from backend.cases.core.files import files_by_id
from backend.database.engine import Database
from backend.kit.fields import FormField
from backend.kit.form_check import UPLOAD
from tests.support.cast import person

PDF = ("taxi.pdf", b"%PDF-1.7 a receipt", "application/pdf")


class Expense(BaseModel):
    """A form with files in a field of another name."""

    receipts: Annotated[list[UUID], FormField(widget="files")] = Field(default_factory=list)
    reason: str = Field(default="")


@asynccontextmanager
async def posted(app: FastAPI, field: str) -> AsyncIterator[Request]:
    """A form with this file as a browser sends it."""
    sent = httpx2.Request("POST", "http://desk/", files={field: PDF})
    headers = [(name.lower().encode(), value.encode()) for name, value in sent.headers.items()]

    async def receive() -> Message:
        return {"type": "http.request", "body": sent.read(), "more_body": False}

    scope = {"type": "http", "app": app, "method": "POST", "path": "/", "query_string": b"", "headers": headers}
    request = Request(scope, receive)
    yield request
    await request.close()


async def test_a_file_is_stored_for_its_field(app: FastAPI, database: Database) -> None:
    ann = await person(database, "ann")
    values: dict[str, list[str]] = {}
    errors: dict[str, str] = {}
    async with posted(app, f"receipts{UPLOAD}") as request:
        await attach(request, Expense, values, errors, state=app.state.web, by=ann)
    async with database.transaction("default") as session:
        [stored] = await files_by_id(session, [UUID(each) for each in values["receipts"]], ann)
    assert (stored.name, errors) == ("taxi.pdf", {})


async def test_a_file_for_a_field_that_takes_none_is_an_error(app: FastAPI, database: Database) -> None:
    ann = await person(database, "ann")
    for field in (f"reason{UPLOAD}", f"nothing{UPLOAD}", "receipts"):
        values: dict[str, list[str]] = {}
        errors: dict[str, str] = {}
        async with posted(app, field) as request:
            await attach(request, Expense, values, errors, state=app.state.web, by=ann)
        assert (values, errors) == ({}, {field: "This form takes no file here"})
