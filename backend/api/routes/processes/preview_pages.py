"""The preview of a text in Markdown, below its field in any form."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from backend.api.routes.core.form_data import pairs_of
from backend.api.routes.core.rendering import Render
from backend.api.routes.core.security import SIGNED_IN

router = APIRouter(tags=["start"], dependencies=[SIGNED_IN])


@router.post("/forms/preview", name="forms:preview")
async def preview(request: Request, render: Render, of: Annotated[str, Query(max_length=400)] = "") -> Response:
    """What is typed into the field `of`, as it will be shown. It changes nothing."""
    text = next((value for name, value in await pairs_of(request) if name == of), "")
    return await asyncio.to_thread(render.fragment, "forms/_preview.html", text=text)
