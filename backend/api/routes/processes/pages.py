"""Start a case: the catalogue, the form drawn from the input model, drafts, and changing what was sent back."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from backend.api.routes.core.dependencies import AllProcesses, OneProcess, ShortText, State
from backend.api.routes.core.forms.numbers import respelled
from backend.api.routes.core.forms.rows import focus_after, rearranged
from backend.api.routes.core.forms.values import to_values, without_file, without_files_typed
from backend.api.routes.core.rendering import Render, Renderer
from backend.api.routes.core.security import SIGNED_IN, CurrentPerson
from backend.api.routes.core.state import WebState
from backend.api.routes.processes.draft_pages import save_draft, sent_from
from backend.api.routes.processes.sheet import FORM, Sheet, check, draw, read_sheet
from backend.cases.approvals.detail.view import last_send_back
from backend.cases.core.access import case_of, require_start, startable
from backend.cases.core.actor import Actor, names_of
from backend.cases.core.errors import KeyReused
from backend.cases.lifecycle.amend import amend, sent_back
from backend.cases.lifecycle.drafts import discard_draft, draft_of, drafts_of
from backend.cases.lifecycle.errors import NotSentBack
from backend.cases.lifecycle.submission import Source, Submission, sent_case, sent_lately
from backend.cases.tracking.case_list import CaseFilter, list_cases
from backend.i18n.catalogue import gettext
from backend.kit.forms import without_files
from backend.kit.i18n import N_
from backend.kit.process import Process
from backend.kit.text import folded, single_line

router = APIRouter(tags=["start"], dependencies=[SIGNED_IN])
AT_A_GLANCE = 8  # processes; more need a search
RECENT = 5


@router.get("/processes", name="processes:list")
async def catalogue(
    person: CurrentPerson,
    processes: AllProcesses,
    state: State,
    render: Render,
    q: ShortText = "",
) -> Response:
    """The processes that the person may start, their drafts, and what they sent last."""
    mine = startable(person, processes)
    words = folded(single_line(q))
    found = [process for process in mine if words in folded(_said_of(process))]
    async with state.database.transaction(person.tenant) as session:
        drafts = await drafts_of(session, person)
        recent = await list_cases(session, person, processes, CaseFilter(mine=True), limit=RECENT)
    return await render(
        "processes/page.html",
        active="start",
        found=found,
        searchable=bool(q) or len(mine) > AT_A_GLANCE,
        q=q,
        drafts=drafts,
        recent=recent.items,
    )


def _said_of(process: Process) -> str:
    """What the catalogue says of a process, in the source and in the reader's language."""
    texts = (process.title, process.summary)
    return " ".join((*texts, *map(gettext, texts)))


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
    sheet = Sheet.new(process, state)
    async with state.database.transaction(person.tenant) as session:
        if like:
            previous = await case_of(session, person, like, state.processes)
            sheet.like, sheet.values = like, to_values(process.input, without_files(process.input, previous.input))
        elif draft is not None:
            sent = await sent_case(session, process, Source.FORM, str(draft), person)
            if sent is not None:
                return await render("start/sent.html", active="start", process=process, case=sent)
            if kept := await draft_of(session, person, draft):
                sheet = Sheet.new(process, state, str(draft))
                sheet.saved_at, sheet.values = kept.saved_at, _by_name(kept.fields)
        else:
            sheet.values = _by_name(request.query_params.multi_items())
            sheet.sent = await sent_lately(session, process, person)
    if not like:
        sheet.values = respelled(process.input, sheet.values)
    return await draw(sheet, person, state, render)


def _by_name(pairs: Iterable[Sequence[str]]) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    return values


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
        sheet.token = state.tokens.new(FORM, sheet.draft)
        sheet.note = N_("This page was open for more than two days. Check it and send it again.")
        return await draw(sheet, person, state, render, status=422)
    if decoded.form is None:
        return await draw(sheet, person, state, render, status=422)
    try:
        opened = await state.intake.accept(Submission(process, decoded.form, source=Source.FORM, key=key, by=person))
    except KeyReused:
        return await _sent_before(sheet, key, person, state, render)
    await discard_draft(state.database, UUID(sheet.draft), by=person)
    where = render.path_for("cases:show", reference=opened.case.reference)
    return await render.redirect(where, toast=N_("Sent as {reference}.").format(reference=opened.case.reference))


async def _sent_before(sheet: Sheet, key: str, person: Actor, state: WebState, render: Renderer) -> Response:
    """The form again, as a new one: what was sent from it first stays as it is, and its files belong to it."""
    sheet.draft = key
    case = await sent_from(sheet, person, state)
    sheet.note = N_("This form was already sent as {reference}. Submit it again to make a second request.").format(
        reference=case.reference if case else ""
    )
    sheet.values = without_files_typed(sheet.process.input, sheet.values)
    sheet.renew(state)
    return await draw(sheet, person, state, render, status=409)


async def rearrange(
    sheet: Sheet, controls: Mapping[str, str], person: Actor, state: WebState, render: Renderer
) -> Response:
    """Add or remove a line or a file, or keep a draft; nothing is sent."""
    if "restore" in controls:
        return await draw(sheet, person, state, render)
    sheet.values = rearranged(sheet.process.input, sheet.values, controls)
    sheet.focus = focus_after(sheet.process.input, sheet.values, controls)
    if controls.get("detach"):
        sheet.values = without_file(sheet.process.input, sheet.values, controls["detach"])
    if "keep" in controls and sheet.case is None:
        await save_draft(sheet, person, state)
        if not sheet.errors:
            where = render.path_for("start:show", process=sheet.process.key)
            return await render.redirect(f"{where}?draft={sheet.draft}", toast=N_("Draft saved. Nothing was sent."))
    return await draw(sheet, person, state, render, status=422 if sheet.errors else 200)


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
    sheet = Sheet.new(process, state)
    sheet.case, sheet.values = case, to_values(process.input, case.input)
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
