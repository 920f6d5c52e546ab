"""In which language a page is answered: the person's own choice, else what their browser asks for, else English."""

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from backend.api.routes.core.paths import API
from backend.cases.core.actor import Actor
from backend.i18n.language import Language, chosen_language, current_language, negotiated, use_language

API_REFERENCE = "/api/docs"


class AcceptedLanguage:
    """Around the app: pages speak as the browser asks. What programs get stays English."""

    def __init__(self, app: ASGIApp, *, pseudo: bool) -> None:
        self._app = app
        self._pseudo = pseudo

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Negotiate and pass the request on."""
        if scope["type"] == "http":
            accepted = Headers(scope=scope).get("accept-language", "")
            use_language(
                Language.ENGLISH if _for_programs(scope["path"]) else negotiated(accepted, pseudo=self._pseudo)
            )
        await self._app(scope, receive, send)


def _for_programs(path: str) -> bool:
    return path.startswith(API) and path != API_REFERENCE


def speak_to(actor: Actor, request: Request) -> None:
    """From here on in the language that this person chose, if they chose one."""
    chosen = chosen_language(actor.language)
    if chosen and not _for_programs(request.url.path):
        use_language(chosen)


def tag_in_language(tag: str) -> str:
    """The ETag of what is shown in the language in hand: the same content in another one is another answer."""
    return f'{tag[:-1]}-{current_language()}"'
