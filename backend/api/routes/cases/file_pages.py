"""Files of cases, for those who may see the case."""

from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response, StreamingResponse

from backend.api.routes.core.dependencies import State
from backend.api.routes.core.security import SIGNED_IN, CurrentPerson
from backend.api.routes.core.state import WebState
from backend.cases.core.errors import NotFound
from backend.cases.core.files import file_of, key_of
from backend.database.tables import File
from backend.kit.i18n import N_

router = APIRouter(tags=["files"], dependencies=[SIGNED_IN])
PREVIEWED = frozenset({"application/pdf", "image/png", "image/jpeg"})
# A sandbox would keep Chromium from showing a PDF at all; no script, no style and no other page are allowed instead.
IN_A_FRAME = "default-src 'none'; object-src 'self'; frame-ancestors 'self'; form-action 'none'; base-uri 'none'"


@router.get("/files/{file_id}", name="files:show")
async def show(file_id: UUID, person: CurrentPerson, state: State) -> Response:
    """The file as a download; the browser never runs what is inside."""
    async with state.database.transaction(person.tenant) as session:
        file = await file_of(session, person, file_id, state.processes)
    return await _sent(file, state, "attachment", "sandbox; default-src 'none'")


@router.get("/files/{file_id}/preview", name="files:preview")
async def preview(file_id: UUID, person: CurrentPerson, state: State) -> Response:
    """The file within a page of ours: an image or a PDF as the browser shows it, never anything that it runs."""
    async with state.database.transaction(person.tenant) as session:
        file = await file_of(session, person, file_id, state.processes)
    if file.media_type not in PREVIEWED:
        raise NotFound(N_("This file has no preview. Download it instead."))
    return await _sent(file, state, "inline", IN_A_FRAME)


async def _sent(file: File, state: WebState, disposition: str, policy: str) -> Response:
    found = await state.files.get_async(key_of(file))
    headers = {
        "Content-Disposition": f"{disposition}; filename*=UTF-8''{quote(file.name)}",
        "Content-Length": str(file.size),
        "Content-Security-Policy": policy,
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    return StreamingResponse(found.stream(), media_type=file.media_type, headers=headers)
