"""A form that is still being filled in, read as far as it goes: amounts count, missing names do not."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, ValidationError

from backend.api.routes.core.forms.decoder import decode
from backend.api.routes.core.forms.rows import flat
from backend.kit.fields import FormContext
from backend.kit.forms import FieldShape, describe

NOT_YET = "…"


def as_far_as_filled(model: type[BaseModel], values: Mapping[str, Sequence[str]]) -> BaseModel | None:
    """The model with placeholders for names, dates and choices that are missing; None while a number is.

    Lines that cannot be read yet are left out. Nothing may be opened from this.
    """
    nothing_to_choose = FormContext(today=datetime.now(UTC).date(), choices={})
    pairs = flat({name: list(given) for name, given in values.items()})
    data = decode(model, pairs, nothing_to_choose).data
    return read_partly(model, data)


def read_partly(model: type[BaseModel], data: Mapping[str, Any]) -> BaseModel | None:
    """This data as a model, with placeholders for what is missing; None while a number is."""
    try:
        return model.model_validate(_completed(model, data))
    except ValidationError:
        return None


def _completed(model: type[BaseModel], data: Mapping[str, Any]) -> dict[str, Any]:
    whole = dict(data)
    for one in describe(model).fields:
        given = whole.get(one.name)
        if one.kind == "rows" and one.model and given is not None:
            lines = [read_partly(one.model, line) for line in given]
            whole[one.name] = [line for line in lines if line is not None]
        elif one.kind == "group" and one.model and given is not None:
            whole[one.name] = _completed(one.model, given)
        elif one.required and given is None and (placeholder := _placeholder(one)):
            whole[one.name] = placeholder
    return whole


def _placeholder(one: FieldShape) -> str:
    if one.kind == "choice":
        return one.choices[0][0] if one.choices else NOT_YET
    today = datetime.now(UTC).date().isoformat()
    return {"text": NOT_YET, "long": NOT_YET, "date": today}.get(one.kind, "")
