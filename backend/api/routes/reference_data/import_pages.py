"""Import a list from CSV, all of it or nothing, and export it."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from backend.api.routes.core.dependencies import Db
from backend.api.routes.core.form_data import uploads_in
from backend.api.routes.core.form_models import SINGLE_FIELDS, PostedForm
from backend.api.routes.core.rendering import Render
from backend.api.routes.core.security import ADMIN, CurrentPerson
from backend.api.routes.reference_data.csv_files import (
    MOST_LINES,
    BadFile,
    Mistake,
    ReadFile,
    decoded_text,
    read_file,
    write_file,
)
from backend.api.routes.reference_data.pages import OneList
from backend.cases.core.errors import InvalidInput
from backend.cases.reference_data.changes import Imported, import_rows, read_rows
from backend.kit.i18n import N_

router = APIRouter(prefix="/reference-data", tags=["reference data"], dependencies=[ADMIN])
MOST_NAMED = 20  # mistakes


class ImportForm(PostedForm):
    """The text of a CSV file, if no file was chosen."""

    text: str = ""


@router.get("/{of}/import", name="reference:import")
async def show(of: OneList, render: Render) -> Response:
    """The page to import."""
    return await render("reference_data/import.html", active="reference", of=of, text="", mistakes=[], more=0)


@router.post("/{of}/import", name="reference:import_rows", dependencies=[SINGLE_FIELDS])
async def import_file(
    request: Request,
    form: Annotated[ImportForm, Form()],
    of: OneList,
    person: CurrentPerson,
    database: Db,
    render: Render,
) -> Response:
    """Add and change everything in the file, or show what is wrong with it."""
    text = form.text
    read = ReadFile(of)
    try:
        for _, upload in await uploads_in(request):
            text = decoded_text(await upload.read())
        read = await asyncio.to_thread(read_file, of, text)
        mistakes = read.mistakes
        done = Imported(0, 0, 0) if mistakes else await import_rows(database, of, read.forms, by=person)
    except BadFile as refused:
        mistakes = [Mistake(0, "", refused.sentence)]
    except InvalidInput as refused:
        mistakes = [_in_file(read, path, sentence) for path, sentence in refused.problems.items()]
    if mistakes:
        return await render(
            "reference_data/import.html",
            answer=422,
            active="reference",
            of=of,
            text=text,
            mistakes=mistakes[:MOST_NAMED],
            more=max(0, len(mistakes) - MOST_NAMED),
        )
    counts = {"added": done.added, "changed": done.changed, "unchanged": done.unchanged}
    toast = N_("{added} added, {changed} changed, {unchanged} unchanged.").format(**counts)
    return await render.redirect(render.path_for("reference:list", of=of.id), toast=toast)


def _in_file(read: ReadFile, path: str, sentence: str) -> Mistake:
    number, _, name = path.partition(".")
    return read.mistake(read.lines[int(number)], name, sentence)


@router.get("/{of}/export", name="reference:export")
async def export(of: OneList, person: CurrentPerson, database: Db) -> Response:
    """The list as CSV, in the form that an import takes."""
    async with database.transaction(person.tenant) as session:
        rows, _ = await read_rows(session, of, most=MOST_LINES)
    headers = {"Content-Disposition": f'attachment; filename="{of.id}.csv"'}
    return Response(write_file(of, rows), media_type="text/csv; charset=utf-8", headers=headers)
