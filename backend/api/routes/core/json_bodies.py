"""JSON bodies whose model is known only from the path: reading them, and saying what is wrong with them."""

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


def no_object(request: Request) -> Response:
    """The body cannot be read."""
    return problem(request, 422, "validation_failed", "The body is not a JSON object.", errors=[])


def invalid(request: Request, errors: dict[str, str]) -> Response:
    """All errors of an input, each with its place."""
    places = [{"pointer": "/" + place.replace(".", "/"), "message": text} for place, text in errors.items()]
    detail = "; ".join(f"{place['pointer']}: {place['message']}" for place in places[:5])
    return problem(request, 422, "validation_failed", detail, errors=places)
