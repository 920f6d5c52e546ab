"""Flat forms as models: what a browser posts, with the fields that a route reads declared."""

from collections.abc import Collection
from typing import Annotated

from fastapi import Request, params
from pydantic import BaseModel, BeforeValidator, field_validator

from backend.api.routes.core.form_data import typed


class PostedForm(BaseModel):
    """A flat form; line ends are counted as browsers count them."""

    @field_validator("*", mode="before")
    @classmethod
    def plain_line_ends(cls, value: object) -> object:
        """One character for each line end."""
        return value.replace("\r\n", "\n") if isinstance(value, str) else value


def _version(value: object) -> object:
    """A version as a form carries it; 0, which no form has, for what is no number."""
    if isinstance(value, str):
        return int(value[:9]) if value.isdecimal() else 0
    return value


Version = Annotated[int, BeforeValidator(_version)]


def single_fields(*, lists: Collection[str] = ()) -> params.Depends:
    """A dependency that raises DuplicateField for a form with two values in one field, except in these lists."""

    async def check(request: Request) -> None:
        await typed(request, lists)

    return params.Depends(check)


SINGLE_FIELDS = single_fields()
