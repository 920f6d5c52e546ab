"""Cases: the lists, the page of a case with its live status, comments, and withdrawing."""

from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Annotated, Any

from fastapi import APIRouter, Form
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncSession

from backend.api.routes.core.dependencies import After, AllProcesses, Db, ShortText, State
from backend.api.routes.core.form_models import SINGLE_FIELDS, PostedForm
from backend.api.routes.core.language import tag_in_language
from backend.api.routes.core.live import Live
from backend.api.routes.core.rendering import Render, Renderer
from backend.api.routes.core.security import SIGNED_IN, CurrentPerson
from backend.api.routes.core.state import WebState
from backend.cases.core.access import case_of
from backend.cases.core.actor import Actor, names_of
from backend.cases.core.comments import comment
from backend.cases.core.errors import CaseError, CommentNeeded, CommentTooLong, TooManyComments
from backend.cases.core.versions import versions_of
from backend.cases.lifecycle.case_actions import offers_to
from backend.cases.lifecycle.withdraw import withdraw
from backend.cases.notifications.notification_list import read_of_case
from backend.cases.tracking.approval_now import progress_now
from backend.cases.tracking.case_list import CaseFilter, CaseOrder, count_cases, list_cases
from backend.cases.tracking.case_status import CaseStatus, status_of
from backend.cases.tracking.case_view import CaseView, case_view
from backend.database.pages import Page
from backend.database.tables import Case
from backend.i18n.language import current_language
from backend.kit.progress import Progress
from backend.kit.text import single_line

SAY = "say"
PAGE = "cases/page.html"
LIST = Live(every=10)
WHILE_IT_RUNS, AFTER_THE_END = 2, 10  # seconds between two polls
router = APIRouter(tags=["cases"], dependencies=[SIGNED_IN])
STATUSES = ("queued", "running", "completed", "cancelled", "failed", "terminated", "timed_out")


@dataclass(frozen=True)
class Said:
    """The comment form: its token, and the text that was refused and why."""

    token: str
    text: str = ""
    refused: CaseError | None = None


@router.get("/cases", name="cases:list")
async def show_list(
    person: CurrentPerson,
    database: Db,
    processes: AllProcesses,
    render: Render,
    show: ShortText = "mine",
    process: ShortText = "",
    status: ShortText = "",
    q: ShortText = "",
    sort: CaseOrder = CaseOrder.NEWEST,
    after: After = "",
) -> Response:
    """My cases, or all cases that I may see, newest or oldest first."""
    only = CaseFilter(process=process, status=status, q=q, mine=show != "all", order=sort)
    async with database.transaction(person.tenant) as session:
        page = await list_cases(session, person, processes, only, after)
        context = await _listed(session, page)
        total = await count_cases(session, person, processes, only)
    query = {"show": show, "process": process, "status": status, "q": q}
    return await _draw_list(render, only=only, query=query, after=after, total=total, **context)


async def _listed(session: AsyncSession, page: Page[Case]) -> dict[str, Any]:
    """These cases, their requesters, and whose turn it is in each one that runs."""
    running = [case for case in page.items if case.closed_at is None]
    now = await progress_now(session, [Progress.model_validate(case.progress) for case in running])
    names = await names_of(session, {case.opened_by for case in page.items})
    back = {case.id: names[case.opened_by] for case, progress in zip(running, now, strict=True) if progress.is_back}
    turns = {case.id: progress.turn for case, progress in zip(running, now, strict=True)}
    return {"page": page, "names": names, "turns": turns, "back": back}


async def _draw_list(render: Renderer, **context: Any) -> Response:
    return await render("cases/list.html", active="cases", live=LIST, statuses=STATUSES, **context)


@router.get("/search", name="search:find")
async def search(
    person: CurrentPerson, database: Db, processes: AllProcesses, render: Render, q: ShortText = ""
) -> Response:
    """Cases by reference, title or person; an exact reference opens the case."""
    only = CaseFilter(q=q)
    async with database.transaction(person.tenant) as session:
        page = await list_cases(session, person, processes, only)
        context = await _listed(session, page)
        total = await count_cases(session, person, processes, only)
    if len(page.items) == 1 and page.items[0].reference.lower() == single_line(q).lower():
        return await render.redirect(render.path_for("cases:show", reference=page.items[0].reference))
    query = {"show": "all", "process": "", "status": "", "q": q}
    return await _draw_list(render, only=only, query=query, after="", total=total, **context)


@router.get("/cases/{reference}", name="cases:show")
async def show(reference: str, person: CurrentPerson, state: State, render: Render, live: ShortText = "on") -> Response:
    """The page of a case. It needs only the read model, so it works while Temporal is down."""
    return await _draw(reference, person, state, render, live=live != "off")


async def _draw(
    reference: str, person: Actor, state: WebState, render: Renderer, *, live: bool = True, said: Said | None = None
) -> Response:
    async with state.database.transaction(person.tenant) as session:
        view = await case_view(session, person, reference, state.processes)
        if render.is_visit:
            await read_of_case(session, person, view.case)
    said = said or Said(token=state.tokens.new(SAY))
    return await render(
        PAGE,
        answer=said.refused.status if said.refused else 200,
        live=_live(render, view) if live else None,
        **_context(view, recorded(view), said, watched=live),
    )


def _live(render: Renderer, view: CaseView) -> Live:
    """The language is part of the address, so that no cached response in another language is shown."""
    url = f"{render.path_for('cases:status', reference=view.case.reference)}?language={current_language()}"
    return Live(every=AFTER_THE_END if view.case.closed_at else WHILE_IT_RUNS, url=url)


def _context(view: CaseView, status: CaseStatus, said: Said, *, watched: bool) -> dict[str, Any]:
    return {
        "active": "cases",
        "view": view,
        "case": view.case,
        "process": view.process,
        "status": status,
        "offers": view.offers,
        "may_recall": view.offers_withdrawal,
        "watched": watched,
        "said": said,
    }


def recorded(view: CaseView) -> CaseStatus:
    """The status in the read model; the open page then asks Temporal for the current one."""
    return replace(status_of(view.case, view.progress, None), stale=False, asked=False)


@router.get("/cases/{reference}/status", name="cases:status")
async def show_status(reference: str, person: CurrentPerson, state: State, render: Render) -> Response:
    """The regions of the page as they are now; 304 while they are the same.

    Temporal gets at most one query a second for a case, however many people watch.
    """
    _, status = await state.status_reader.read(person, reference)
    counters = await state.badges.of(person)
    tag = tag_in_language(status.page_tag(counters))
    if same := render.unchanged(tag):
        return same
    async with state.database.transaction(person.tenant) as session:
        view = await case_view(session, person, reference, state.processes)
    status = replace(status, over=view.case.closed_at is not None)
    offers = offers_to(person, view.case, view.process, status.progress)
    shown = _context(replace(view, offers=offers), status, Said(token=""), watched=True)
    return await render.regions(PAGE, tag, live=_live(render, view), counters=counters, **shown)


@router.get("/cases/{reference}/versions", name="cases:versions")
async def show_versions(
    reference: str, person: CurrentPerson, database: Db, processes: AllProcesses, render: Render
) -> Response:
    """The versions of the form: what each changed, and by whom."""
    async with database.transaction(person.tenant) as session:
        case = await case_of(session, person, reference, processes)
        versions = await versions_of(session, case, processes[case.process])
    return await render("cases/versions.html", active="cases", case=case, versions=versions)


class CommentForm(PostedForm):
    """A comment, and the token by which it is added once."""

    text: str = ""
    form_token: str = ""


@router.post("/cases/{reference}/comments", name="cases:comment", dependencies=[SINGLE_FIELDS])
async def add_comment(
    reference: str, form: Annotated[CommentForm, Form()], person: CurrentPerson, state: State, render: Render
) -> Response:
    """Add a comment, once for each form and text."""
    once = state.tokens.read(SAY, form.form_token)
    key = f"{once} {sha256(form.text.encode()).hexdigest()}" if once else ""
    try:
        await comment(state.database, state.processes, reference, form.text, by=person, key=key)
    except (CommentNeeded, CommentTooLong, TooManyComments) as refused:
        return await _draw(reference, person, state, render, said=Said(form.form_token, form.text, refused))
    return await render.redirect(f"{render.path_for('cases:show', reference=reference)}#comments")


@router.get("/cases/{reference}/recall", name="cases:ask_recall")
async def ask_recall(reference: str, person: CurrentPerson, state: State, render: Render) -> Response:
    """Explain what withdrawing does, and ask for the reason."""
    return await _draw_withdrawal(reference, person, state, render)


async def _draw_withdrawal(
    reference: str, person: Actor, state: WebState, render: Renderer, reason: str = "", problem: str = ""
) -> Response:
    async with state.database.transaction(person.tenant) as session:
        view = await case_view(session, person, reference, state.processes)
    answer = 422 if problem else 200
    return await render("cases/recall.html", answer=answer, active="cases", view=view, reason=reason, problem=problem)


class WithdrawForm(PostedForm):
    """Why the case is withdrawn; may be empty."""

    reason: str = ""


@router.post("/cases/{reference}/recall", name="cases:recall", dependencies=[SINGLE_FIELDS])
async def do_recall(
    reference: str, form: Annotated[WithdrawForm, Form()], person: CurrentPerson, state: State, render: Render
) -> Response:
    """Withdraw the case."""
    try:
        case = await withdraw(state.database, state.processes, reference, form.reason, by=person)
    except CommentTooLong as refused:
        return await _draw_withdrawal(reference, person, state, render, form.reason, refused.sentence)
    where, words = render.path_for("cases:show", reference=reference), state.processes[case.process].withdrawal
    return await render.redirect(where, toast=f"{words.done.format(reference=reference)} {words.effect}")
