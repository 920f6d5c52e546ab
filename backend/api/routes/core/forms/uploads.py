"""Files that come with a form: stored at once, so that they stay when another field is wrong."""

from collections.abc import AsyncIterator

from fastapi import Request
from starlette.datastructures import UploadFile

from backend.api.routes.core.form_data import uploads_of
from backend.api.routes.core.state import WebState
from backend.cases.core.actor import Actor
from backend.cases.core.errors import FileTooLarge, FileTypeRefused
from backend.cases.core.files import store_file

CHUNK = 64 * 1024


async def attach(
    request: Request,
    values: dict[str, list[str]],
    errors: dict[str, str],
    name: str,
    *,
    state: WebState,
    by: Actor,
) -> None:
    """Store what was chosen for field `name` and add its ids; a refused file is an error of the field."""
    for upload in await uploads_of(request, f"{name}_upload"):
        try:
            file = await store_file(
                state.database,
                state.files,
                name=upload.filename or "file",
                chunks=_chunks(upload),
                limit=state.settings.upload_bytes,
                by=by,
            )
        except (FileTooLarge, FileTypeRefused) as refusal:
            errors[name] = refusal.sentence
        else:
            values.setdefault(name, []).append(str(file.id))


async def _chunks(upload: UploadFile) -> AsyncIterator[bytes]:
    while chunk := await upload.read(CHUNK):
        yield chunk
