"""Pages and fragments: the only place that looks at what htmx says of a request."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from backend.api.routes.core.formats import FILTERS, counted
from backend.api.routes.core.looks import Looks
from backend.api.routes.core.security import Caller
from backend.api.routes.core.state import WebState, web_state
from backend.cases.core.access import may_operate
from backend.cases.inbox.lists import waiting_count
from backend.cases.notifications.notification_list import unread_count
from backend.cases.tracking.case_list import running_count
from backend.i18n.language import CHOICES, current_language
from backend.i18n.templates import speak_languages
from backend.kit.form_check import BadForm
from backend.kit.form_values import shown
from backend.kit.process import Process

ROOT = Path(__file__).parents[4] / "frontend"
ICONS = ROOT / "static" / "vendor" / "icons"
VARY = "HX-Request, HX-Request-Type, Cookie, Accept-Language"


def make_templates() -> Environment:
    """Jinja, strict about what is undefined and about escaping."""
    environment = Environment(
        loader=FileSystemLoader(ROOT / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    speak_languages(environment)
    environment.filters.update(FILTERS)
    environment.globals["icon"] = icon
    environment.globals["looks"] = Looks()
    environment.globals["shown"] = shown
    return environment


@cache
def icon(name: str) -> Markup:
    """A decorative Tabler icon, inline."""
    drawing = (ICONS / f"{name}.svg").read_text()
    inner = drawing[drawing.index(">", drawing.index("<svg")) + 1 : drawing.rindex("</svg>")]
    attributes = 'class="cs-i" viewBox="0 0 24 24" aria-hidden="true" focusable="false"'
    return Markup(f"<svg {attributes}>{inner}</svg>")  # noqa: S704 - our own files


def check_icons(processes: Iterable[Process]) -> None:
    """BadForm if the icon of a process is missing, which would break every page that lists it."""
    for process in processes:
        if not (ICONS / f"{process.icon}.svg").is_file():
            raise BadForm(f"Process {process.key}: there is no icon “{process.icon}”; add it to frontend/vendor.json")


@dataclass(frozen=True)
class Nav:
    """The counters of the menu, from the same queries as the lists."""

    approvals: int = 0
    cases: int = 0
    unread: int = 0
    operates: bool = False
    counted: bool = True

    @property
    def approvals_shown(self) -> str:
        """The counter of what waits, as it reads."""
        return counted(self.approvals)

    @property
    def cases_shown(self) -> str:
        """The counter of what runs, as it reads."""
        return counted(self.cases)

    @property
    def unread_shown(self) -> str:
        """The counter of what is unread, as it reads."""
        return counted(self.unread)


class Renderer:
    """Draws a page, or only its fragment when htmx asks for a part."""

    def __init__(self, request: Request, state: WebState) -> None:
        self._request = request
        self._state = state

    @property
    def caller(self) -> Caller | None:
        """Who asks, if we know."""
        return getattr(self._request.state, "caller", None)

    @property
    def wants_fragment(self) -> bool:
        """Whether htmx swaps a part of a page it has."""
        return self._request.headers.get("hx-request-type", "") == "partial"

    async def __call__(
        self,
        template: str,
        /,
        *,
        fragment: str = "",
        answer: int = 200,
        toast: str = "",
        waits: int | None = None,
        **context: Any,
    ) -> Response:
        """The page, or the fragment if there is one and htmx asks for a part; `waits` if that was counted before."""
        part = bool(fragment) and self.wants_fragment
        nav = Nav() if part else await self._nav(waits)
        html = self._draw(fragment if part else template, nav, toast, context)
        return HTMLResponse(html, answer, headers=_headers())

    def without_database(self, template: str, answer: int, /, **context: Any) -> Response:
        """A page whose menu shows no counters."""
        nav = Nav(operates=self._operates(), counted=False)
        return HTMLResponse(self._draw(template, nav, "", context), answer, headers={**_headers(), **self._instead()})

    def _instead(self) -> dict[str, str]:
        """Where htmx sent a form, the whole page is what it gets; a part that refreshes itself stays as it was."""
        if "hx-request" not in self._request.headers:
            return {}
        if self._request.headers.get("hx-source", "").startswith("form"):
            return {"HX-Retarget": "body", "HX-Reswap": "innerHTML"}
        return {"HX-Reswap": "none"}

    def fragment(self, name: str, /, **context: Any) -> Response:
        """A fragment alone."""
        return HTMLResponse(self._draw(name, Nav(), "", context), headers=_headers())

    async def redirect(self, url: str, toast: str = "") -> Response:
        """Go on to another page, with a message there."""
        if toast and self.caller and self.caller.session:
            await self._state.authenticator.leave_toast(self.caller.session.session_id, {"text": toast})
        if "hx-request" in self._request.headers:
            return Response(status_code=204, headers={"HX-Redirect": str(url)})
        return RedirectResponse(url, 303)

    def _draw(self, name: str, nav: Nav, toast: str, context: dict[str, Any], /) -> str:
        caller = self.caller
        session = caller.session if caller else None
        kept = session.toast["text"] if session and session.toast else ""
        return self._state.templates.get_template(name).render(
            {
                "actor": caller.actor if caller else None,
                "csrf_token": session.csrf if session else "",
                "nav": nav,
                "toast": toast or kept,
                "url_for": self.path_for,
                "asset": asset,
                "path": self._request.url.path,
                "processes": self._state.processes,
                "active": "",
                "language": current_language(),
                "languages": CHOICES,
                **context,
            }
        )

    def path_for(self, name: str, /, **parts: Any) -> str:
        """The path of a route by its name."""
        return self._state.paths.of(name, **parts)

    def _operates(self) -> bool:
        caller = self.caller
        return caller is not None and any(may_operate(caller.actor, each) for each in self._state.processes.values())

    async def _nav(self, waits: int | None) -> Nav:
        caller = self.caller
        if caller is None:
            return Nav()
        async with self._state.database.transaction(caller.actor.tenant) as session:
            return Nav(
                approvals=await waiting_count(session, caller.actor) if waits is None else waits,
                cases=await running_count(session, caller.actor),
                unread=await unread_count(session, caller.actor),
                operates=self._operates(),
            )


def _headers() -> dict[str, str]:
    return {"Vary": VARY, "Content-Language": current_language()}


@cache
def asset(path: str) -> str:
    """The address of a static file, new when its content is."""
    file = ROOT / "static" / path
    return f"/static/{path}?v={int(file.stat().st_mtime)}"


def renderer(request: Request) -> Renderer:
    """The renderer of this request."""
    return Renderer(request, web_state(request))


async def _render(request: Request) -> Renderer:
    return renderer(request)


Render = Annotated[Renderer, Depends(_render)]
