"""Reference data: the lists, and adding, changing and removing an entry, for administrators."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import RedirectResponse, Response

from backend.api.routes.core.dependencies import Db, ShortText
from backend.api.routes.core.form_data import pairs_of
from backend.api.routes.core.forms.decoder import decode
from backend.api.routes.core.forms.values import to_values
from backend.api.routes.core.forms.view import form_view
from backend.api.routes.core.rendering import Render, Renderer
from backend.api.routes.core.security import ADMIN, CurrentPerson
from backend.cases.core.errors import InvalidInput, NotFound
from backend.cases.reference_data.changes import (
    Row,
    RowChanged,
    read_row,
    read_rows,
    remove_row,
    save_row,
    subject_of,
)
from backend.cases.reference_data.lists import LISTS, ReferenceList
from backend.kit.fields import FormContext
from backend.kit.i18n import N_

router = APIRouter(prefix="/reference-data", tags=["reference data"], dependencies=[ADMIN])
CONTROLS = frozenset({"csrf_token", "version", "typed_in"})
Key = Annotated[str, Query(max_length=400)]


def _list_named(of: str) -> ReferenceList:
    if of not in LISTS:
        raise NotFound(N_("There is no such list."))
    return LISTS[of]


OneList = Annotated[ReferenceList, Depends(_list_named)]


@router.get("", name="reference:home")
async def home(render: Render) -> Response:
    """The first list."""
    return RedirectResponse(render.path_for("reference:list", of=next(iter(LISTS))), 303)


@router.get("/{of}", name="reference:list")
async def show_list(of: OneList, person: CurrentPerson, database: Db, render: Render, q: ShortText = "") -> Response:
    """The entries of a list, by key."""
    async with database.transaction(person.tenant) as session:
        rows, count = await read_rows(session, of, q.strip())
    shown = form_view(of.model, {}, {}, {})
    return await render(
        "reference_data/list.html",
        active="reference",
        lists=LISTS.values(),
        of=of,
        columns=[view.shape for section in shown.sections for view in section.fields],
        rows=rows,
        count=count,
        q=q,
    )


@router.get("/{of}/entry", name="reference:entry")
async def show_entry(of: OneList, person: CurrentPerson, database: Db, render: Render, key: Key = "") -> Response:
    """The form of an entry; without a key, of a new one."""
    was = None
    if key:
        async with database.transaction(person.tenant) as session:
            was = await read_row(session, of, person.tenant, key)
    return await _draw(of, was, to_values(of.model, was.values) if was else {}, render)


@router.post("/{of}/entry", name="reference:save")
async def save(
    request: Request, of: OneList, person: CurrentPerson, database: Db, render: Render, key: Key = ""
) -> Response:
    """Add or change it."""
    pairs = await pairs_of(request)
    controls = {name: value for name, value in pairs if name in CONTROLS}
    was = None
    if key:
        async with database.transaction(person.tenant) as session:
            was = await read_row(session, of, person.tenant, key)
        pairs = [*((name, value) for name, value in pairs if name != of.key), (of.key, was.key)]
    context = FormContext(today=datetime.now(UTC).date(), choices={})
    decoded = decode(of.model, [(name, value) for name, value in pairs if name not in CONTROLS], context)
    if decoded.form is None:
        return await _draw(of, was, decoded.values, render, decoded.errors)
    try:
        await save_row(database, of, decoded.form, by=person, key=key, version=controls.get("version", ""))
    except InvalidInput as refused:
        return await _draw(of, was, decoded.values, render, refused.problems)
    except RowChanged as refused:
        return await _draw(of, was, decoded.values, render, {of.key: refused.sentence}, status=409)
    return await render.redirect(render.path_for("reference:list", of=of.id), toast=N_("Saved."))


@router.post("/{of}/remove", name="reference:remove")
async def remove(of: OneList, person: CurrentPerson, database: Db, render: Render, key: Key = "") -> Response:
    """Remove an entry."""
    try:
        await remove_row(database, of, key, by=person)
    except InvalidInput as refused:
        async with database.transaction(person.tenant) as session:
            was = await read_row(session, of, person.tenant, key)
        return await _draw(of, was, to_values(of.model, was.values), render, refused.problems)
    return await render.redirect(
        render.path_for("reference:list", of=of.id), toast=N_("{key} was removed.").format(key=key)
    )


async def _draw(
    of: ReferenceList,
    was: Row | None,
    values: Mapping[str, list[str]],
    render: Renderer,
    errors: Mapping[str, str] | None = None,
    status: int = 422,
) -> Response:
    return await render(
        "reference_data/entry.html",
        answer=status if errors else 200,
        active="reference",
        of=of,
        was=was,
        subject=subject_of(of, was.key) if was else "",
        form=form_view(of.model, values, errors or {}, {}),
    )
