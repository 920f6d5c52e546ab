"""Pages and fragments: the only place that looks at what htmx says of a request."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from backend.api.routes.core.formats import FILTERS, counted
from backend.api.routes.core.live import Live, Regions, is_poll, is_visit, known, unchanged
from backend.api.routes.core.looks import Looks
from backend.api.routes.core.paths import escaped_path
from backend.api.routes.core.security import Caller
from backend.api.routes.core.state import WebState, web_state
from backend.cases.attention.attention import Attention
from backend.cases.attention.counters import Counters, counters_of
from backend.cases.core.access import may_operate
from backend.i18n.language import CHOICES, current_language
from backend.i18n.templates import speak_languages
from backend.kit.form_check import BadForm
from backend.kit.form_values import shown
from backend.kit.process import Process

ROOT = Path(__file__).parents[4] / "frontend"
ICONS = ROOT / "static" / "vendor" / "icons"
VARY = "HX-Request, HX-Request-Type, Countersign-Live, Cookie, Accept-Language"
BADGES = Live(every=20)


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

    counters: Counters = field(default_factory=Counters)
    operates: bool = False
    counted: bool = True

    @property
    def attention(self) -> int:
        """How much waits for this person."""
        return self.counters.attention

    @property
    def unread(self) -> int:
        """How many notifications are unread."""
        return self.counters.unread

    @property
    def attention_shown(self) -> str:
        """The counter of what waits for this person, as it reads."""
        return counted(self.attention)

    @property
    def cases_shown(self) -> str:
        """The counter of what runs, as it reads."""
        return counted(self.counters.cases)

    @property
    def unread_shown(self) -> str:
        """The counter of what is unread, as it reads."""
        return counted(self.unread)


@dataclass(frozen=True)
class Undo:
    """Where the act that a message reports is undone, and for how many seconds."""

    url: str
    seconds: int


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
    def is_visit(self) -> bool:
        """Whether a person opened this page."""
        return is_visit(self._request)

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
        attention: Attention | None = None,
        live: Live | None = None,
        **context: Any,
    ) -> Response:
        """The page; the fragment if htmx asks for a part; or its regions if an open page asks for what changed.

        `attention` if that was read before.
        """
        part = bool(fragment) and self.wants_fragment
        nav = Nav() if part else await self._nav(attention)
        regions = Regions()
        html = self._draw(fragment if part else template, nav, toast, context, regions, live)
        if live and is_poll(self._request):
            return regions.response(self._request, _headers())
        return HTMLResponse(html, answer, headers=_headers())

    async def regions(self, template: str, tag: str, /, live: Live, counters: Counters, **context: Any) -> Response:
        """The regions of a page for an open page; `tag` names their version."""
        regions = Regions()
        self._draw(template, Nav(counters, operates=self._operates()), "", context, regions, live)
        return regions.response(self._request, _headers(), tag)

    def unchanged(self, tag: str) -> Response | None:
        """304 if the open page has this version."""
        return unchanged(_headers(), tag) if known(self._request, tag) else None

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

    async def redirect(self, url: str, toast: str = "", undo: Undo | None = None) -> Response:
        """Go on to another page, with a message there, and a way to undo what it says."""
        if toast and self.caller and self.caller.session:
            message = {"text": toast, **({"undo": asdict(undo)} if undo else {})}
            await self._state.authenticator.leave_toast(self.caller.session.session_id, message)
        if "hx-request" in self._request.headers:
            return Response(status_code=204, headers={"HX-Redirect": str(url)})
        return RedirectResponse(url, 303)

    def _draw(
        self,
        name: str,
        nav: Nav,
        toast: str,
        context: dict[str, Any],
        regions: Regions | None = None,
        live: Live | None = None,
        /,
    ) -> str:
        caller = self.caller
        session = caller.session if caller else None
        kept = (session.toast if session else None) or {"text": ""}
        return self._state.templates.get_template(name).render(
            {
                "actor": caller.actor if caller else None,
                "csrf_token": session.csrf if session else "",
                "nav": nav,
                "poll": live or BADGES,
                "poll_url": self._poll_url(live),
                "region": regions or Regions(),
                "toast": toast or kept["text"],
                "undo": kept.get("undo"),
                "url_for": self.path_for,
                "asset": asset,
                "path": escaped_path(self._request),
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

    def _poll_url(self, live: Live | None) -> str:
        """Where an open page asks: at its own address, or for its counters alone."""
        if live is None or self._request.method != "GET":
            return self.path_for("notifications:status")
        query = f"?{self._request.url.query}" if self._request.url.query else ""
        return live.url or f"{self._request.url.path}{query}"

    def _operates(self) -> bool:
        caller = self.caller
        return caller is not None and any(may_operate(caller.actor, each) for each in self._state.processes.values())

    async def _nav(self, attention: Attention | None) -> Nav:
        caller = self.caller
        if caller is None:
            return Nav()
        async with self._state.database.transaction(caller.actor.tenant) as session:
            counters = await counters_of(session, caller.actor, self._state.processes, attention)
        return Nav(counters, operates=self._operates())


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
