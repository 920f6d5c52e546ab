"""What a browser posted, refused when a field that must be single comes twice."""

from collections.abc import Iterable

from fastapi import Request
from starlette.datastructures import UploadFile

from backend.cases.errors import CaseError

# Fields of ours that are no content: they are never carried over to another page.
OWN = frozenset({"csrf_token", "password", "form_token_login"})
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
    """A form whose fields are all single; SentTwice otherwise."""
    pairs = await pairs_of(request)
    found = dict(pairs)
    if len(found) != len(pairs) and not any(name.startswith(CARRY) for name, _ in pairs):
        raise SentTwice
    return found


def carried(form: Iterable[str] | dict[str, str]) -> list[tuple[str, str]]:
    """The fields that a former page hands through the sign-in."""
    items = form.items() if isinstance(form, dict) else []
    return [(name.removeprefix(CARRY), value) for name, value in items if name.startswith(CARRY)]
