"""The data of a posted form. A field that is sent twice is refused."""

from collections.abc import Collection

from fastapi import Request
from starlette.datastructures import FormData, UploadFile

from backend.api.routes.core.state import web_state
from backend.cases.core.errors import CaseError, NoSpace

MAX_FIELDS = 5_000

# Fields that are never carried over to another page.
NOT_CARRIED = frozenset({"csrf_token", "password", "current"})
# Forms with no content worth carrying over, or none that may be.
NO_CONTENT = frozenset({"/login", "/logout", "/theme", "/language", "/profile/password"})


class DuplicateField(CaseError):
    """A field was sent more than once. Nothing was changed."""

    status = 422
    code = "sent_twice"


async def form_of(request: Request) -> FormData:
    """The form, read once per request; HTTPException if it exceeds the limits on fields or text."""
    longest = web_state(request).settings.form_bytes
    try:
        return await request.form(max_fields=MAX_FIELDS, max_files=MAX_FIELDS, max_part_size=longest)
    except OSError as error:  # large files wait in temporary ones
        raise NoSpace from error


async def pairs_of(request: Request) -> list[tuple[str, str]]:
    """The text fields of a form, in order; files are left out."""
    form = await form_of(request)
    return [(name, value) for name, value in form.multi_items() if isinstance(value, str)]


async def uploads_in(request: Request) -> list[tuple[str, UploadFile]]:
    """The files that were chosen, each with the name of its field."""
    form = await form_of(request)
    return [(name, value) for name, value in form.multi_items() if isinstance(value, UploadFile) and value.filename]


async def typed(request: Request, lists: Collection[str] = ()) -> dict[str, str]:
    """The fields of a form, with line ends as browsers count them; DuplicateField if one is repeated.

    `lists` are left out: fields that may be sent any number of times.
    """
    left_out = frozenset(lists)
    sent = [(name, value) for name, value in await pairs_of(request) if name not in left_out]
    pairs = [(name, value.replace("\r\n", "\n")) for name, value in sent]
    found = dict(pairs)
    if len(found) != len(pairs):
        raise DuplicateField
    return found


async def submitted_fields(request: Request, *, with_token: bool = False) -> list[tuple[str, str]]:
    """The fields of a form that could not be processed, to carry over; optionally with its CSRF token."""
    if request.method != "POST" or request.url.path in NO_CONTENT:
        return []
    excluded = NOT_CARRIED - {"csrf_token"} if with_token else NOT_CARRIED
    return [(name, value) for name, value in await pairs_of(request) if name not in excluded]
