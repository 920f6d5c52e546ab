"""A start form during one request: read, validated and rendered again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

from fastapi import Request
from fastapi.responses import Response

from backend.api.routes.core.form_data import pairs_of
from backend.api.routes.core.forms.decoder import Decoded, decode
from backend.api.routes.core.forms.numbers import respelled
from backend.api.routes.core.forms.uploads import attach
from backend.api.routes.core.forms.values import files_typed, is_id
from backend.api.routes.core.forms.view import form_view
from backend.api.routes.core.rendering import Renderer
from backend.api.routes.core.state import WebState
from backend.api.routes.processes.explained_form import explain_form
from backend.cases.core.actor import Actor
from backend.cases.core.files import files_by_id
from backend.cases.core.form_context import shared_context
from backend.cases.core.lookups import read_lookups
from backend.cases.core.suggestions import suggestions_for
from backend.cases.lifecycle.drafts import draft_of
from backend.database.tables import Case
from backend.kit.form_check import START_CONTROLS, UPLOAD
from backend.kit.forms import describe, field_at
from backend.kit.process import Process

FORM = "start"


@dataclass
class Sheet:
    """What was typed into one form, and what is wrong with it.

    `draft` is the id under which it is saved and sent, from the first moment; `saved_at` is empty until it is saved.
    `sent` is what was sent a moment ago: without a script, the way back from it leads to an empty form.
    """

    process: Process
    token: str
    values: dict[str, list[str]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    draft: str = ""
    saved_at: datetime | None = None
    like: str = ""
    case: Case | None = None
    sent: Case | None = None
    note: str = ""
    focus: str = ""

    @classmethod
    def new(cls, process: Process, state: WebState, draft: str = "") -> "Sheet":
        """An empty one; with the id of a draft, a page of that draft."""
        draft = draft or str(uuid4())
        return cls(process, state.tokens.new(FORM, draft), draft=draft)

    def renew(self, state: WebState) -> None:
        """From now on this is another form, with an id of its own."""
        self.draft, self.saved_at = str(uuid4()), None
        self.token = state.tokens.new(FORM, self.draft)


def typed_sheet(pairs: list[tuple[str, str]], process: Process, state: WebState) -> tuple[Sheet, Mapping[str, str]]:
    """What was posted: content and controls apart, without files."""
    controls = {name: value for name, value in pairs if name in START_CONTROLS}
    token = controls.get("form_token", "")
    ids = (controls.get("draft", ""), state.tokens.read(FORM, token) or "")
    sheet = Sheet(process, token, draft=next(filter(is_id, ids), "") or str(uuid4()))
    for name, value in pairs:
        if name not in START_CONTROLS:
            sheet.values.setdefault(name, []).append(value)
    sheet.values = respelled(process.input, sheet.values)
    return sheet, controls


def without_uploads(process: Process, pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Without the names of files that were chosen but not sent, as a part of the page posts them."""

    def is_upload(name: str) -> bool:
        one = field_at(process.input, name.removesuffix(UPLOAD))
        return name.endswith(UPLOAD) and one is not None and one.kind == "files"

    return [(name, value) for name, value in pairs if not is_upload(name)]


async def read_sheet(
    request: Request, process: Process, person: Actor, state: WebState
) -> tuple[Sheet, Mapping[str, str]]:
    """What was posted, with new files stored already."""
    sheet, controls = typed_sheet(await pairs_of(request), process, state)
    await attach(request, process.input, sheet.values, sheet.errors, state=state, by=person)
    await request.close()  # gives the temporary files of the upload back
    return sheet, controls


async def check(sheet: Sheet, person: Actor, state: WebState) -> Decoded:
    """Validate; the sheet keeps what was typed and all errors."""
    context = await shared_context(state.lookups, person, sheet.process.input)
    pairs = [(name, value) for name, values in sheet.values.items() for value in values]
    decoded = decode(sheet.process.input, pairs, context)
    sheet.values = decoded.values
    if sheet.errors:
        decoded.form = None
    sheet.errors |= decoded.errors
    return decoded


async def draw(sheet: Sheet, person: Actor, state: WebState, render: Renderer, status: int = 200) -> Response:
    """The form page, or only the form for htmx."""
    model = sheet.process.input
    async with state.database.transaction(person.tenant) as session:
        choices = await read_lookups(session, describe(model).lookups())
        files = await files_by_id(session, files_typed(model, sheet.values), person)
        explained = await explain_form(session, sheet.process, sheet.values, person, sheet.case)
        suggestions = await suggestions_for(session, person, sheet.process)
        if sheet.saved_at is None and sheet.case is None:
            kept = await draft_of(session, person, UUID(sheet.draft))
            sheet.saved_at = kept.saved_at if kept else None
    return await render(
        "start/page.html",
        fragment="start/_form.html",
        answer=status,
        active="cases" if sheet.case else "start",
        process=sheet.process,
        sheet=sheet,
        form=form_view(model, sheet.values, sheet.errors, choices, files, sheet.focus, suggestions),
        explained=explained,
    )
