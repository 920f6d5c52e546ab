"""What a person typed into a form whose session ended meanwhile: kept for them and this form alone.

It is kept only if one of our own pages sent it: the origin is ours, and its CSRF token is signed for a person. It then
travels through the sign-in page as one signed value, so that no other page can put anything there. Administration and
rights are never kept: nobody must be led to send them by signing in.
"""

from dataclasses import dataclass
from typing import Self

from fastapi import Request
from starlette.exceptions import HTTPException

from backend.api.routes.core.form_data import form_of, submitted_fields
from backend.api.routes.core.form_tokens import FormTokens
from backend.api.routes.core.security import ForgedRequest, check_origin
from backend.api.routes.core.state import web_state

KEPT = "kept-input"
# Forms that give somebody rights or use an administrator's.
NEVER = frozenset({"approvals:override", "substitutes:set", "substitutes:end"})
# Fields that only programs read.
UNSEEN = frozenset({"form_token", "version", "draft", "typed_in"})


@dataclass(frozen=True)
class KeptInput:
    """Who typed it, where the form is sent, and its fields without the CSRF token and passwords."""

    person_id: str
    path: str
    fields: list[tuple[str, str]]

    @property
    def shown(self) -> list[tuple[str, str]]:
        """What the person reads before it is sent."""
        return [(name, value) for name, value in self.fields if name not in UNSEEN and value]

    def signed(self, tokens: FormTokens) -> str:
        """One value that only we can make."""
        return tokens.sign(KEPT, [self.person_id, self.path, self.fields])

    @classmethod
    def read(cls, tokens: FormTokens, signed: str) -> Self | None:
        """What was kept; None if we did not sign this, or too long ago."""
        found = tokens.unsign(KEPT, signed) if signed else None
        if found is None:
            return None
        person, path, fields = found
        return cls(person, path, [(name, value) for name, value in fields])


async def kept_input(request: Request) -> KeptInput | None:
    """What to keep of a request whose session has ended; None if nothing may be kept."""
    if request.method != "POST" or getattr(request.state, "privileged", False) or _route_name(request) in NEVER:
        return None
    if not ({"origin", "sec-fetch-site"} & set(request.headers.keys())):
        return None  # every browser says where a form comes from
    try:
        check_origin(request)
        token = request.headers.get("x-csrf-token") or (await form_of(request)).get("csrf_token")
        fields = await submitted_fields(request)
    except (ForgedRequest, HTTPException):
        return None
    person = web_state(request).tokens.person_of_csrf(token) if isinstance(token, str) else ""
    return KeptInput(person, request.url.path, fields) if person and fields else None


def _route_name(request: Request) -> str:
    return getattr(request.scope.get("route"), "name", "") or ""
