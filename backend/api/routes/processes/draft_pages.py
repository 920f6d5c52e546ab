"""Drafts of start forms: saved while somebody types, and discarded."""

from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response

from backend.api.routes.core.dependencies import Db, OneProcess, State
from backend.api.routes.core.form_data import pairs_of
from backend.api.routes.core.forms.rows import flat
from backend.api.routes.core.forms.values import first_words, is_blank
from backend.api.routes.core.rendering import Render
from backend.api.routes.core.security import SIGNED_IN, CurrentPerson
from backend.api.routes.core.state import WebState
from backend.api.routes.processes.sheet import Sheet, typed_sheet, without_uploads
from backend.cases.core.access import require_start
from backend.cases.core.actor import Actor
from backend.cases.core.errors import NotFound
from backend.cases.lifecycle.drafts import discard_draft, keep_draft
from backend.cases.lifecycle.submission import Source, sent_case
from backend.database.tables import Case
from backend.i18n.language import current_language
from backend.i18n.typed_numbers import TYPED_IN
from backend.kit.i18n import N_

router = APIRouter(tags=["start"], dependencies=[SIGNED_IN])


@router.post("/processes/{process}/draft", name="drafts:save")
async def save(request: Request, process: OneProcess, person: CurrentPerson, state: State, render: Render) -> Response:
    """Save what is typed so far, without a button; a form in which nothing is typed makes no draft."""
    require_start(person, process)
    sheet, _ = typed_sheet(without_uploads(process, await pairs_of(request)), process, state)
    case = await sent_from(sheet, person, state)
    if case is None and not is_blank(process.input, sheet.values):
        await save_draft(sheet, person, state)
    return render.fragment("start/_saved.html", process=process, sheet=sheet, sent=case)


@router.post("/drafts/{draft}/discard", name="drafts:discard")
async def discard(draft: UUID, person: CurrentPerson, database: Db, render: Render) -> Response:
    """Discard a draft."""
    await discard_draft(database, draft, by=person)
    return await render.redirect(render.path_for("home:show"), toast=N_("Draft deleted."))


async def save_draft(sheet: Sheet, person: Actor, state: WebState) -> None:
    """Save this form as a draft. NotFound if its id is that of somebody else's draft."""
    title = first_words(sheet.process.input, sheet.values)
    fields = [*flat(sheet.values), (TYPED_IN, str(current_language()))]
    sheet.saved_at = await keep_draft(state.database, UUID(sheet.draft), sheet.process.key, title, fields, by=person)
    if sheet.saved_at is None:
        raise NotFound


async def sent_from(sheet: Sheet, person: Actor, state: WebState) -> Case | None:
    """The case that was opened from this form."""
    async with state.database.transaction(person.tenant) as session:
        return await sent_case(session, sheet.process, Source.FORM, sheet.draft, person)
