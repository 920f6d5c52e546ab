"""Errors as people and programs read them: a page in the same design, or problem+json (RFC 9457)."""

import logging
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from backend.api.routes.core.form_data import content
from backend.api.routes.core.form_tokens import SIGN_IN
from backend.api.routes.core.rendering import renderer
from backend.api.routes.core.security import NotSignedIn, recognise
from backend.api.routes.core.state import web_state
from backend.cases.core.errors import AlreadyDecided, CaseError, DeadlinePassed, StaleVersion
from backend.database.errors import DatabaseAway, EndUnknown, UnstorableText
from backend.database.pages import BadCursor

log = logging.getLogger(__name__)

API = "/api/"
TITLES = {
    400: "This request cannot be read",
    401: "Sign in first",
    403: "This is not yours to do",
    404: "There is nothing here",
    405: "This page does not do that",
    409: "Nothing was changed",
    413: "This is too large",
    422: "Something has to be mended first",
    429: "A little too fast",
    500: "This did not work, and it is our fault",
    503: "This is not possible right now",
}
DETAILS = {
    404: "The address may be mistyped, or what was here is gone or not yours to see.",
    405: "It exists, but it cannot be asked this way.",
}


def problem(request: Request, status: int, code: str, detail: str, **more: Any) -> JSONResponse:
    """One problem+json answer."""
    body = {
        "type": f"urn:countersign:{code}",
        "title": TITLES.get(status, HTTPStatus(status).phrase),
        "status": status,
        "detail": detail,
        "code": code,
        "instance": request.url.path,
        "request_id": request.scope.get("request_id", ""),
        **more,
    }
    headers = {"Retry-After": "5"} if status == HTTPStatus.SERVICE_UNAVAILABLE else {}
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(body, status, headers, media_type="application/problem+json")


def answer(
    request: Request,
    status: int,
    code: str,
    detail: str,
    error: Exception | None = None,
    carried: Sequence[tuple[str, str]] = (),
) -> Response:
    """The error as this caller reads it."""
    if request.url.path.startswith(API):
        return problem(request, status, code, detail, **extras(error))
    return renderer(request).without_database(
        "errors/problem.html",
        status,
        status=status,
        code=code,
        title=TITLES.get(status, HTTPStatus(status).phrase),
        detail=detail,
        error=error,
        carried=carried,
        request_id=request.scope.get("request_id", ""),
    )


def extras(error: Exception | None) -> dict[str, Any]:
    """What a program needs beside the sentence."""
    if isinstance(error, AlreadyDecided):
        return {"state": error.state, "decided_by": error.by or None, "decided_at": _iso(error.at)}
    if isinstance(error, StaleVersion):
        return {"version": error.version, "differences": [vars(change) for change in error.differences]}
    if isinstance(error, DeadlinePassed):
        return {"deadline": _iso(error.deadline)}
    return {}


def _iso(moment: Any) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if moment else None


async def case_error(request: Request, error: Exception) -> Response:
    """A use case refused."""
    assert isinstance(error, CaseError)  # noqa: S101 - registered for it alone
    if isinstance(error, NotSignedIn) and not request.url.path.startswith(API):
        return await _to_sign_in(request)
    return answer(request, error.status, error.code, error.sentence, error)


async def _to_sign_in(request: Request) -> Response:
    """To the login page, and back here afterwards, with what was typed."""
    kept = await content(request)
    if kept:
        state = web_state(request)
        token, where = state.tokens.new(SIGN_IN), request.url.path
        return renderer(request).without_database(
            "session/page.html", 401, back=where, token=token, problem="", name="", carried=kept
        )
    back = request.url.path if request.method == "GET" else "/"
    query = f"?{request.url.query}" if request.url.query and request.method == "GET" else ""
    target = f"{renderer(request).path_for('session:new')}?next={quote(back + query, safe='')}"
    if "hx-request" in request.headers:
        return Response(status_code=401, headers={"HX-Redirect": target})
    return RedirectResponse(target, 303)


async def database_away(request: Request, error: Exception) -> Response:
    """PostgreSQL does not answer."""
    detail = "The database does not answer, so nothing was accepted. In a minute it may work again."
    if isinstance(error, EndUnknown) and request.method != "GET":
        detail = "The database does not answer, and it is not certain whether this was saved. Look again in a minute."
    return answer(request, 503, "database_away", detail, carried=await content(request, with_token=True))


async def unstorable(request: Request, _: Exception) -> Response:
    """Text with U+0000."""
    detail = "The text holds an invisible character (U+0000) that cannot be stored. Nothing was changed."
    return answer(request, 422, "unstorable_text", detail, carried=await content(request, with_token=True))


async def bad_cursor(request: Request, _: Exception) -> Response:
    """`after` is not ours."""
    return answer(request, 422, "bad_cursor", "This page address does not exist. Begin at the first page.")


async def http_error(request: Request, error: Exception) -> Response:
    """What the framework refuses."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for it alone
    phrase = HTTPStatus(error.status_code).phrase
    detail = DETAILS.get(error.status_code, TITLES.get(error.status_code, phrase) + ".")
    await recognise(request)
    return answer(request, error.status_code, phrase.lower().replace(" ", "_"), detail)


async def invalid_request(request: Request, error: Exception) -> Response:
    """Parameters or a body that do not fit."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for it alone
    by_program = request.url.path.startswith(API)
    if not by_program and all(one["loc"][0] == "path" for one in error.errors()):
        return answer(request, 404, "not_found", DETAILS[404])
    places = [
        {"pointer": "/" + "/".join(str(part) for part in one["loc"][1:]), "message": one["msg"]}
        for one in error.errors()
    ]
    detail = "; ".join(f"{place['pointer']}: {place['message']}" for place in places[:5])
    if by_program:
        return problem(request, 422, "validation_failed", detail, errors=places)
    return answer(request, 422, "validation_failed", detail)


async def unexpected(request: Request, error: Exception) -> Response:
    """A defect of ours: the trace goes to the log, a number to the page."""
    log.error("request failed", exc_info=error, extra={"request_id": request.scope.get("request_id", "")})
    detail = "The failure was noted under the number below. What was saved before is safe."
    return answer(request, 500, "internal_error", detail)


def handle_errors(app: FastAPI) -> None:
    """Register every handler."""
    app.add_exception_handler(CaseError, case_error)
    app.add_exception_handler(DatabaseAway, database_away)
    app.add_exception_handler(UnstorableText, unstorable)
    app.add_exception_handler(BadCursor, bad_cursor)
    app.add_exception_handler(RequestValidationError, invalid_request)
    app.add_exception_handler(HTTPException, http_error)
    app.add_exception_handler(Exception, unexpected)
