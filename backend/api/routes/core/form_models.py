"""Flat forms as models: what a browser posts, with the fields that a route reads declared."""

from typing import Annotated

from fastapi import Depends, Request
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


async def _single_fields(request: Request) -> None:
    await typed(request)


SINGLE_FIELDS = Depends(_single_fields)  # SentTwice for a form with two values in one field
