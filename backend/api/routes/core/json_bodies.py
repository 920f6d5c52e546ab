"""JSON bodies whose model depends on the path: reading and error responses."""

import json
from typing import Any

from fastapi import Request, Response

from backend.api.routes.core.errors import problem


async def json_object(request: Request) -> dict[str, Any] | None:
    """The body; None if it is not a JSON object."""
    try:
        data = json.loads(await request.body())
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def not_an_object(request: Request) -> Response:
    """The body is not a JSON object."""
    return problem(request, 422, "validation_failed", "The body must be a JSON object.", errors=[])


def invalid(request: Request, errors: dict[str, str]) -> Response:
    """All errors of an input, each with its location."""
    places = [{"pointer": "/" + place.replace(".", "/"), "message": text} for place, text in errors.items()]
    detail = "; ".join(f"{place['pointer']}: {place['message']}" for place in places[:5])
    return problem(request, 422, "validation_failed", detail, errors=places)
