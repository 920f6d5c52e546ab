"""The API reference, for people who are signed in; and a page with every component."""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from backend.api.routes.core.dependencies import AllProcesses
from backend.api.routes.core.openapi import openapi_document
from backend.api.routes.core.rendering import Render
from backend.api.routes.core.security import BEARER, SIGNED_IN
from backend.temporal.history import pretty

router = APIRouter(tags=["docs"])


@router.get("/api/openapi.json", name="docs:openapi", dependencies=[BEARER])
async def openapi(request: Request, processes: AllProcesses) -> Response:
    """The description for programs."""
    return JSONResponse(openapi_document(request.app, processes))


@router.get("/api/docs", name="docs:show", dependencies=[SIGNED_IN])
async def show(request: Request, processes: AllProcesses, render: Render) -> Response:
    """The description for people."""
    schema = openapi_document(request.app, processes)
    return await render("docs/page.html", active="docs", schema=schema, pretty=pretty)


@router.get("/styleguide", name="styleguide:show", dependencies=[SIGNED_IN])
async def styleguide(render: Render) -> Response:
    """Every component once."""
    return await render("styleguide/page.html", active="styleguide")
