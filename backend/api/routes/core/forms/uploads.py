"""Files that come with a form: stored at once, so that they stay when another field is wrong."""

from collections.abc import AsyncIterator

from fastapi import Request
from pydantic import BaseModel
from starlette.datastructures import UploadFile

from backend.api.routes.core.form_data import uploads_in
from backend.api.routes.core.state import WebState
from backend.cases.core.actor import Actor
from backend.cases.core.errors import FileTooLarge, FileTypeRefused, NoSpace
from backend.cases.core.files import store_file
from backend.database.tables import File
from backend.kit.form_check import UPLOAD
from backend.kit.forms import field_at
from backend.kit.i18n import N_

CHUNK = 64 * 1024


async def attach(
    request: Request,
    model: type[BaseModel],
    values: dict[str, list[str]],
    errors: dict[str, str],
    *,
    state: WebState,
    by: Actor,
) -> None:
    """Store what was chosen for the file fields of this form and add the ids; a refused file is an error of its field.

    Of several refused files each is named. A file that is sent for anything else is an error, too: nothing is
    dropped in silence.
    """
    for number, (sent, upload) in enumerate(await uploads_in(request)):
        name = sent.removesuffix(UPLOAD)
        one = field_at(model, name)
        if sent == name or one is None or one.kind != "files":
            errors[sent] = N_("This form takes no file here")
            continue
        try:
            file = await _store(upload, state, by)
        except (FileTooLarge, FileTypeRefused, NoSpace) as refusal:
            errors[f"{name}.refused.{number}"] = refusal.sentence
        else:
            values.setdefault(name, []).append(str(file.id))


async def _store(upload: UploadFile, state: WebState, by: Actor) -> File:
    return await store_file(
        state.database,
        state.files,
        name=upload.filename or "file",
        chunks=_chunks(upload),
        limit=state.settings.upload_bytes,
        by=by,
    )


async def _chunks(upload: UploadFile) -> AsyncIterator[bytes]:
    while chunk := await upload.read(CHUNK):
        yield chunk
