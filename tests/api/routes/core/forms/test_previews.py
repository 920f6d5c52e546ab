"""A text in Markdown is shown below its field as it will look, while it is written and without a script."""

from typing import Annotated

import httpx2
import pytest
from fastapi import FastAPI
from pydantic import BaseModel

from backend.api.routes.core.forms.view import form_view
from backend.api.routes.core.markdown import LINES_PREVIEWED, MARKS_PREVIEWED, PREVIEWED
from backend.database.engine import Database
from backend.kit.fields import FormField
from tests.api.routes.core.forms.test_drafts import drafts
from tests.support.html import Element, page_of, said_in
from tests.support.web import Visitor

START = "/processes/article_publication/start"
TEXT = "# Saturday\n\nWe began at **five**. <script>alert(1)</script>"


async def form_of(client: httpx2.AsyncClient) -> Element:
    return page_of(await client.get(START)).one("form#sheet")


async def test_it_follows_what_is_typed(browser_of: Visitor, database: Database) -> None:
    edda = await browser_of("edda")
    form = await form_of(edda)
    place = form.one("#f-body-preview")
    assert place.text == ""
    assert "from:#f-body" in place["hx-trigger"]
    assert [each["id"] for each in form.all(".cs-preview")] == ["f-body-preview"], "only of what is Markdown"
    answer = await edda.post(place["hx-post"], data=form.fields | {"body": TEXT, "summary": "*not this*"})
    assert answer.status_code == 200
    shown = page_of(answer)
    assert (shown.one("h2").text, shown.one("strong").text) == ("Saturday", "five")
    assert "<script>alert(1)</script>" in shown.text
    assert not shown.has("script")
    assert "not this" not in shown.text
    assert said_in(await edda.post(place["hx-post"], data=form.fields | {"body": " \n"})) == ""
    assert await drafts(database) == []


async def test_without_a_script_a_button_shows_it_and_sends_nothing(
    browser_of: Visitor, program_of: Visitor, database: Database
) -> None:
    edda = await browser_of("edda")
    form = await form_of(edda)
    (button,) = [each for each in form.all("button") if each.text == "Preview"]
    assert button["formaction"] == "#f-body-preview"
    assert button.carries("formnovalidate")
    answer = await edda.post(START, data=form.fields | {"body": TEXT, button["name"]: button["value"]})
    assert answer.status_code == 200
    again = page_of(answer).one("form#sheet")
    assert again.one("#f-body-preview strong").text == "five"
    assert again.one("[name=body]").held == TEXT
    assert (await (await program_of("edda")).get("/api/v1/cases")).json()["items"] == []
    assert await drafts(database) == []


@pytest.mark.parametrize(
    "text",
    ["x" * (PREVIEWED + 1), "*" * (MARKS_PREVIEWED + 1), "\\" * (MARKS_PREVIEWED + 1), "- a\n" * (LINES_PREVIEWED + 1)],
)
async def test_what_takes_too_long_is_not_rendered(browser_of: Visitor, text: str) -> None:
    edda = await browser_of("edda")
    shown = page_of(await edda.post("/forms/preview?of=body", data={"body": text}))
    assert "This text is too long for a preview." in shown.text
    assert not shown.has(".cs-prose")


class Note(BaseModel):
    """A part with a text in Markdown."""

    words: Annotated[str, FormField(widget="long", markdown=True)]


class Letter(BaseModel):
    """A form with Markdown within a group."""

    note: Note
    plain: Annotated[str, FormField(widget="long")]


def test_any_form_has_it_at_every_depth(app: FastAPI) -> None:
    form = form_view(Letter, {"note.words": ["**bold**"], "plain": ["**stars**"]}, {}, {})
    template = app.state.web.templates.from_string(
        "{% from 'forms/fields.html' import field with context %}{% for one in fields %}{{ field(one) }}{% endfor %}"
    )
    paths = app.state.web.paths
    html = template.render(fields=form.sections[0].fields, url_for=paths.of, language="en")
    page = page_of(html)
    assert page.one("#f-note-words-preview strong").text == "bold"
    assert page.one("#f-note-words-preview")["hx-post"] == "/forms/preview?of=note.words"
    assert "Preview" not in [button.text for button in page.all("button")], "this form cannot be drawn again"
    assert not page.has("#f-plain-preview")
