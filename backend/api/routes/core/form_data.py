"""What a browser posted, refused when a field that must be single comes twice."""

from fastapi import Request
from starlette.datastructures import UploadFile

from backend.cases.core.errors import CaseError

# Fields of ours that are no content: they are never carried over to another page.
OWN = frozenset({"csrf_token", "password"})
# Forms that hold nothing worth keeping, or nothing that may be kept.
NOT_KEPT = frozenset({"/login", "/logout", "/theme"})
CARRY = "carry:"


class SentTwice(CaseError):
    """A field came more than once. Nothing was changed."""

    status = 422
    code = "sent_twice"


async def pairs_of(request: Request) -> list[tuple[str, str]]:
    """The text fields of a form, in order; files are left out."""
    form = await request.form()
    return [(name, value) for name, value in form.multi_items() if isinstance(value, str)]


async def uploads_of(request: Request, name: str) -> list[UploadFile]:
    """The files of one field that were really chosen."""
    form = await request.form()
    return [value for value in form.getlist(name) if isinstance(value, UploadFile) and value.filename]


async def typed(request: Request) -> dict[str, str]:
    """A form whose fields are all single, with line ends as browsers count them; SentTwice otherwise."""
    sent = await pairs_of(request)
    pairs = [(name, value.replace("\r\n", "\n")) for name, value in sent if not name.startswith(CARRY)]
    found = dict(pairs)
    if len(found) != len(pairs):
        raise SentTwice
    return found


async def carried(request: Request) -> list[tuple[str, str]]:
    """The fields that a former page hands through the sign-in."""
    pairs = await pairs_of(request)
    return [(name.removeprefix(CARRY), value) for name, value in pairs if name.startswith(CARRY)]


async def content(request: Request, *, with_token: bool = False) -> list[tuple[str, str]]:
    """What a person sent that could not be taken, for the next page; with its proof of origin if that still holds."""
    if request.method != "POST" or request.url.path in NOT_KEPT:
        return []
    left_out = OWN - {"csrf_token"} if with_token else OWN
    return [(name, value) for name, value in await pairs_of(request) if name not in left_out]
