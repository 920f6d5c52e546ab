"""Files of cases, for those who may see the case."""

from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response, StreamingResponse

from backend.api.routes.core.dependencies import State
from backend.api.routes.core.security import SIGNED_IN, CurrentPerson
from backend.cases.core.files import file_of, key_of

router = APIRouter(tags=["files"], dependencies=[SIGNED_IN])


@router.get("/files/{file_id}", name="files:show")
async def show(file_id: UUID, person: CurrentPerson, state: State) -> Response:
    """The file as a download; the browser never runs what is inside."""
    async with state.database.transaction(person.tenant) as session:
        file = await file_of(session, person, file_id, state.processes)
    found = await state.files.get_async(key_of(file))
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name)}",
        "Content-Length": str(file.size),
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }
    return StreamingResponse(found.stream(), media_type=file.media_type, headers=headers)
