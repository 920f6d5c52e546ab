"""Start a case: the catalogue, the form drawn from the input model, drafts, and changing what was sent back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncSession

from backend.api.routes.core.dependencies import AllProcesses, Db, OneProcess, State
from backend.api.routes.core.form_data import pairs_of
from backend.api.routes.core.forms.decoder import Decoded, decode
from backend.api.routes.core.forms.numbers import respelled
from backend.api.routes.core.forms.partial import as_far_as_filled
from backend.api.routes.core.forms.rows import flat, rearranged
from backend.api.routes.core.forms.uploads import attach
from backend.api.routes.core.forms.view import files_typed, first_words, form_view, is_id, to_values, without_file
from backend.api.routes.core.rendering import Render, Renderer
from backend.api.routes.core.security import SIGNED_IN, CurrentPerson
from backend.api.routes.core.state import WebState
from backend.cases.approvals.detail.view import last_send_back
from backend.cases.approvals.request.explain import Explanation, explain
from backend.cases.core.access import case_of, may_start, require_start
from backend.cases.core.actor import Actor, names_of
from backend.cases.core.files import files_by_id
from backend.cases.core.form_context import shared_context
from backend.cases.core.lookups import read_lookups
from backend.cases.lifecycle.amend import amend, sent_back
from backend.cases.lifecycle.drafts import discard_draft, draft_of, keep_draft
from backend.cases.lifecycle.errors import NotSentBack
from backend.cases.lifecycle.submission import Source, Submission
from backend.database.tables import Case
from backend.i18n.language import current_language
from backend.i18n.typed_numbers import TYPED_IN
from backend.kit.form_check import START_CONTROLS
from backend.kit.forms import describe, without_files
from backend.kit.i18n import N_
from backend.kit.process import Process
from backend.settings import process_plan

router = APIRouter(tags=["start"], dependencies=[SIGNED_IN])
FORM = "start"


@router.get("/processes", name="processes:list")
async def catalogue(
    person: CurrentPerson, processes: AllProcesses, render: Render, q: Annotated[str, Query(max_length=100)] = ""
) -> Response:
    """The processes that the person may start."""
    mine = [process for process in processes.values() if may_start(person, process)]
    found = [process for process in mine if q.lower() in f"{process.title} {process.summary}".lower()]
    return await render("processes/page.html", active="start", found=found, q=q)


@dataclass
class Sheet:
    """One form on its way: what was typed, and what is wrong with it."""

    process: Process
    token: str
    values: dict[str, list[str]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    draft: str = ""
    like: str = ""
    case: Case | None = None
    note: str = ""


@router.get("/processes/{process}/start", name="start:show")
async def show(
    request: Request,
    process: OneProcess,
    person: CurrentPerson,
    state: State,
    render: Render,
    like: Annotated[str, Query(max_length=40)] = "",
    draft: UUID | None = None,
) -> Response:
    """A form: empty, or filled from a previous case, a draft, or the address."""
    require_start(person, process)
    sheet = Sheet(process, state.tokens.new(FORM), like=like, draft=str(draft or ""))
    async with state.database.transaction(person.tenant) as session:
        if like:
            previous = await case_of(session, person, like, state.processes)
            sheet.values = to_values(process.input, without_files(process.input, previous.input))
        elif draft is not None:
            kept = await draft_of(session, person, draft)
            for name, value in kept.fields if kept else []:
                sheet.values.setdefault(name, []).append(value)
        else:
            for name, value in request.query_params.multi_items():
                sheet.values.setdefault(name, []).append(value)
    if not like:
        sheet.values = respelled(process.input, sheet.values)
    return await draw(sheet, person, state, render)


@router.post("/processes/{process}/start", name="start:send")
async def send(request: Request, process: OneProcess, person: CurrentPerson, state: State, render: Render) -> Response:
    """Open the case; or keep a draft, or change the lines and draw the form again."""
    require_start(person, process)
    sheet, controls = await read_sheet(request, process, person, state)
    if "send" not in controls or "restore" in controls:
        return await rearrange(sheet, controls, person, state, render)
    decoded = await check(sheet, person, state)
    key = state.tokens.read(FORM, sheet.token)
    if key is None:
        sheet.token = state.tokens.new(FORM)
        sheet.note = N_("This page was open for more than two days. Check it and send it again.")
        return await draw(sheet, person, state, render, status=422)
    if decoded.form is None:
        return await draw(sheet, person, state, render, status=422)
    opened = await state.intake.accept(Submission(process, decoded.form, source=Source.FORM, key=key, by=person))
    if sheet.draft:
        await discard_draft(state.database, UUID(sheet.draft), by=person)
    where = render.path_for("cases:show", reference=opened.case.reference)
    return await render.redirect(where, toast=N_("Sent as {reference}.").format(reference=opened.case.reference))


@router.post("/drafts/{draft}/discard", name="drafts:discard")
async def discard(draft: UUID, person: CurrentPerson, database: Db, render: Render) -> Response:
    """Throw a draft away."""
    await discard_draft(database, draft, by=person)
    return await render.redirect(render.path_for("home:show"), toast=N_("Draft deleted."))


@router.get("/cases/{reference}/amend", name="cases:amend")
async def show_amend(reference: str, person: CurrentPerson, state: State, render: Render) -> Response:
    """The same form again, with what was said when it was sent back."""
    async with state.database.transaction(person.tenant) as session:
        case = await case_of(session, person, reference, state.processes)
        if case.opened_by != person.person_id or await sent_back(session, case) is None:
            raise NotSentBack
        back = await last_send_back(session, case)
        names = await names_of(session, {back.person_id} if back else set())
    process = state.processes[case.process]
    sheet = Sheet(process, state.tokens.new(FORM), to_values(process.input, case.input), case=case)
    sheet.note = _request_of(names.get(back.person_id, ""), back.comment) if back else ""
    return await draw(sheet, person, state, render)


@router.post("/cases/{reference}/amend", name="cases:send_amended")
async def send_amended(
    request: Request, reference: str, person: CurrentPerson, state: State, render: Render
) -> Response:
    """Creates the next version; the approval starts over."""
    async with state.database.transaction(person.tenant) as session:
        case = await case_of(session, person, reference, state.processes)
    sheet, controls = await read_sheet(request, state.processes[case.process], person, state)
    sheet.case = case
    if "send" not in controls or "restore" in controls:
        return await rearrange(sheet, controls, person, state, render)
    decoded = await check(sheet, person, state)
    if decoded.form is None:
        return await draw(sheet, person, state, render, status=422)
    version = controls.get("version", "")
    seen = int(version[:9]) if version.isdecimal() else 0
    await amend(state.database, state.processes, reference, decoded.form, seen, by=person)
    where = render.path_for("cases:show", reference=reference)
    return await render.redirect(where, toast=N_("Resubmitted. Approval starts over."))


def _request_of(name: str, comment: str) -> str:
    if not name:
        return N_("An approver requested changes: “{comment}”").format(comment=comment)
    return N_("{name} requested changes: “{comment}”").format(name=name, comment=comment)


async def read_sheet(
    request: Request, process: Process, person: Actor, state: WebState
) -> tuple[Sheet, Mapping[str, str]]:
    """What was posted: content and controls apart, with new files stored already."""
    pairs = await pairs_of(request)
    controls = {name: value for name, value in pairs if name in START_CONTROLS}
    draft = controls.get("draft", "")
    sheet = Sheet(process, controls.get("form_token", ""), draft=draft if is_id(draft) else "")
    for name, value in pairs:
        if name not in START_CONTROLS:
            sheet.values.setdefault(name, []).append(value)
    sheet.values = respelled(process.input, sheet.values)
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


async def rearrange(
    sheet: Sheet, controls: Mapping[str, str], person: Actor, state: WebState, render: Renderer
) -> Response:
    """Add or remove a line or a file, or keep a draft; nothing is sent."""
    if "restore" in controls:
        return await draw(sheet, person, state, render)
    sheet.values = rearranged(sheet.process.input, sheet.values, controls)
    if controls.get("detach"):
        sheet.values = without_file(sheet.process.input, sheet.values, controls["detach"])
    if "keep" in controls and sheet.case is None:
        sheet.draft = sheet.draft or str(uuid4())
        title = first_words(sheet.process.input, sheet.values)
        kept = [*flat(sheet.values), (TYPED_IN, str(current_language()))]
        await keep_draft(state.database, UUID(sheet.draft), sheet.process.key, title, kept, by=person)
        where = render.path_for("start:show", process=sheet.process.key)
        return await render.redirect(f"{where}?draft={sheet.draft}", toast=N_("Draft saved. Nothing was sent."))
    return await draw(sheet, person, state, render)


async def draw(sheet: Sheet, person: Actor, state: WebState, render: Renderer, status: int = 200) -> Response:
    """The form page, or only the form for htmx."""
    async with state.database.transaction(person.tenant) as session:
        choices = await read_lookups(session, describe(sheet.process.input).lookups())
        files = await files_by_id(session, files_typed(sheet.process.input, sheet.values), person)
        explained = await _explained(session, sheet, person)
    form = form_view(sheet.process.input, sheet.values, sheet.errors, choices, files)
    return await render(
        "start/page.html",
        fragment="start/_form.html",
        answer=status,
        active="cases" if sheet.case else "start",
        process=sheet.process,
        sheet=sheet,
        form=form,
        explained=explained,
    )


async def _explained(session: AsyncSession, sheet: Sheet, person: Actor) -> Explanation | None:
    """Who would have to approve this, as far as it is filled in."""
    form = as_far_as_filled(sheet.process.input, sheet.values)
    if form is None or sheet.process.steps is None:
        return None
    return await explain(session, sheet.process, form, process_plan(sheet.process.key, sheet.process.plan), person)
