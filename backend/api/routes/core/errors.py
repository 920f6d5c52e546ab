"""Error responses: a page for people, problem+json (RFC 9457) for programs."""

import logging
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from backend.api.routes.core.form_data import submitted_fields
from backend.api.routes.core.form_tokens import SIGN_IN
from backend.api.routes.core.kept_input import KeptInput, kept_input
from backend.api.routes.core.live import is_poll
from backend.api.routes.core.page_instead import page_before, page_instead
from backend.api.routes.core.paths import API, escaped_path
from backend.api.routes.core.rendering import renderer
from backend.api.routes.core.security import NotSignedIn, OutdatedForm, identify
from backend.api.routes.core.state import web_state
from backend.cases.approvals.core.errors import AlreadyDecided, DeadlinePassed, StaleVersion
from backend.cases.core.errors import CaseError
from backend.database.errors import DatabaseAway, EndUnknown, StorageFull, UnstorableText, UnstorableValue
from backend.database.pages import BadCursor
from backend.kit.i18n import N_

log = logging.getLogger(__name__)

TITLES = {
    400: N_("Invalid request"),
    401: N_("Sign in to continue"),
    403: N_("You don't have permission"),
    404: N_("Not found"),
    405: N_("Method not supported"),
    409: N_("Nothing was changed"),
    413: N_("Request too large"),
    422: N_("Check your input"),
    429: N_("Too many requests"),
    500: N_("Something went wrong"),
    503: N_("Temporarily unavailable"),
}
DETAILS = {
    400: N_("The request could not be read."),
    404: N_("Check the address. The page may have been removed, or you may not have access to it."),
    405: N_("This address exists, but it does not support this method."),
    413: N_("Your text or your files are too large. Go back in your browser: your input is still in the form."),
}


def problem(request: Request, status: int, code: str, detail: str, **more: Any) -> JSONResponse:
    """A problem+json response."""
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


def error_response(
    request: Request,
    status: int,
    code: str,
    detail: str,
    error: Exception | None = None,
    carried: Sequence[tuple[str, str]] = (),
) -> Response:
    """The error as a page or as problem+json, depending on the caller."""
    if request.url.path.startswith(API):
        return problem(request, status, code, detail, **_problem_fields(error))
    return renderer(request).without_database(
        "errors/problem.html",
        status,
        back=page_before(request),
        status=status,
        code=code,
        title=TITLES.get(status, HTTPStatus(status).phrase),
        detail=detail,
        error=error,
        carried=carried,
        request_id=request.scope.get("request_id", ""),
    )


def _problem_fields(error: Exception | None) -> dict[str, Any]:
    """Additional fields for programs."""
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
    """A use case refused the request."""
    assert isinstance(error, CaseError)  # noqa: S101 - registered for it alone
    page = not request.url.path.startswith(API)
    if page and isinstance(error, NotSignedIn):
        return await _to_sign_in(request)
    if page and isinstance(error, OutdatedForm) and (kept := await kept_input(request)) is not None:
        return send_again_page(request, kept, error.status)
    if error.retry_after is None:
        return error_response(request, error.status, error.code, error.sentence, error)
    kept = await kept_input(request) if page else None
    if kept is not None:
        response = send_again_page(request, kept, error.status)
    else:
        response = error_response(request, error.status, error.code, error.sentence, error)
    response.headers["Retry-After"] = str(error.retry_after)
    return response


async def _to_sign_in(request: Request) -> Response:
    """Go to the sign-in page, and back here afterwards with what was typed; an open page stays as it is."""
    if is_poll(request):
        return Response(status_code=401)
    kept = await kept_input(request)
    if kept is not None:
        tokens = web_state(request).tokens
        context = {"back": kept.path, "token": tokens.new(SIGN_IN), "problem": "", "name": ""}
        return renderer(request).without_database("session/page.html", 401, **context, kept=kept.signed(tokens))
    back = escaped_path(request) if request.method == "GET" else "/"
    query = f"?{request.url.query}" if request.url.query and request.method == "GET" else ""
    target = f"{renderer(request).path_for('session:new')}?next={quote(back + query, safe='')}"
    if "hx-request" in request.headers:
        return Response(status_code=401, headers={"HX-Redirect": target})
    return RedirectResponse(target, 303)


def send_again_page(request: Request, kept: KeptInput, status: int = 200) -> Response:
    """A form that was sent after its session had ended, in full, to send again from the person's new session."""
    return renderer(request).without_database("session/go_on.html", status, kept=kept)


async def database_away(request: Request, error: Exception) -> Response:
    """PostgreSQL is not responding."""
    detail = N_("The database is not responding, so nothing was saved. Try again in a minute.")
    if isinstance(error, StorageFull):
        detail = N_(
            "The server has no space left, so nothing was saved. Inform your administrator and try again later."
        )
    elif isinstance(error, EndUnknown) and request.method != "GET":
        detail = N_(
            "The database is not responding, and it is not certain whether this was saved. Check again in a minute."
        )
    return error_response(
        request, 503, "database_away", detail, carried=await submitted_fields(request, with_token=True)
    )


async def unstorable_value(request: Request, error: Exception) -> Response:
    """A value that no column can hold. The route lacks a check for it, which is a defect."""
    log.error("a value could not be stored", exc_info=error)
    detail = N_("A number or a text is larger than can be stored. Nothing was changed.")
    carried = await submitted_fields(request, with_token=True)
    return error_response(request, 422, "unstorable_value", detail, carried=carried)


async def unstorable(request: Request, _: Exception) -> Response:
    """Text that contains U+0000."""
    detail = N_("The text contains an invisible character (U+0000) that cannot be stored. Nothing was changed.")
    return error_response(
        request, 422, "unstorable_text", detail, carried=await submitted_fields(request, with_token=True)
    )


async def bad_cursor(request: Request, _: Exception) -> Response:
    """`after` is not a valid cursor."""
    return error_response(
        request, 422, "bad_cursor", N_("This page of the list does not exist. Start at the first page.")
    )


async def http_error(request: Request, error: Exception) -> Response:
    """The framework refused the request."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for it alone
    instead = page_instead(request)
    if instead and error.status_code in {404, 405}:
        return RedirectResponse(instead, 303)
    phrase = HTTPStatus(error.status_code).phrase
    detail = DETAILS.get(error.status_code, TITLES.get(error.status_code, phrase))
    await identify(request)
    response = error_response(request, error.status_code, phrase.lower().replace(" ", "_"), detail)
    response.headers.update(error.headers or {})  # such as Allow, which RFC 9110 wants with a 405
    if "GET" in response.headers.get("allow", ""):
        response.headers["Allow"] = response.headers["allow"].replace("GET", "GET, HEAD")
    return response


async def invalid_request(request: Request, error: Exception) -> Response:
    """Invalid parameters or an invalid body."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for it alone
    by_program = request.url.path.startswith(API)
    if not by_program and all(one["loc"][0] == "path" for one in error.errors()):
        instead = page_instead(request)
        return RedirectResponse(instead, 303) if instead else error_response(request, 404, "not_found", DETAILS[404])
    places = [
        {"pointer": "/" + "/".join(str(part) for part in one["loc"][1:]), "message": one["msg"]}
        for one in error.errors()
    ]
    detail = "; ".join(f"{place['pointer']}: {place['message']}" for place in places[:5])
    if by_program:
        return problem(request, 422, "validation_failed", detail, errors=places)
    return error_response(request, 422, "validation_failed", detail)


async def unexpected(request: Request, error: Exception) -> Response:
    """A defect: the traceback goes to the log, the request ID to the page."""
    log.error("request failed", exc_info=error, extra={"request_id": request.scope.get("request_id", "")})
    detail = N_("The error was logged with the ID below. Data saved earlier is safe.")
    return error_response(request, 500, "internal_error", detail)


def handle_errors(app: FastAPI) -> None:
    """Register all handlers."""
    app.add_exception_handler(CaseError, case_error)
    app.add_exception_handler(DatabaseAway, database_away)
    app.add_exception_handler(UnstorableValue, unstorable_value)
    app.add_exception_handler(UnstorableText, unstorable)
    app.add_exception_handler(BadCursor, bad_cursor)
    app.add_exception_handler(RequestValidationError, invalid_request)
    app.add_exception_handler(HTTPException, http_error)
    app.add_exception_handler(Exception, unexpected)
