"""The REST documentation, for those who are signed in; and a page with every component."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from backend.api.routes.core.rendering import Render
from backend.api.routes.core.security import BEARER, SIGNED_IN

router = APIRouter(tags=["docs"])


def described(request: Request) -> dict[str, Any]:
    """OpenAPI with its bearer tokens."""
    schema: dict[str, Any] = request.app.openapi()
    bearer = {"type": "http", "scheme": "bearer", "description": "A token from `countersign token create`."}
    schema.setdefault("components", {}).setdefault("securitySchemes", {})["bearer"] = bearer
    schema["security"] = [{"bearer": []}]
    return schema


@router.get("/api/openapi.json", name="docs:openapi", dependencies=[BEARER])
async def openapi(request: Request) -> Response:
    """The description for programs."""
    return JSONResponse(described(request))


@router.get("/api/docs", name="docs:show", dependencies=[SIGNED_IN])
async def show(request: Request, render: Render) -> Response:
    """The description for people."""
    return await render("docs/page.html", active="docs", schema=described(request))


@router.get("/styleguide", name="styleguide:show", dependencies=[SIGNED_IN])
async def styleguide(render: Render) -> Response:
    """Every component once."""
    return await render("styleguide/page.html", active="styleguide")
