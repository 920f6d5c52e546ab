"""What fields a model has, as a form sees them."""

import types
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from backend.kit.fields import FormField

Kind = Literal[
    "text", "long", "number", "money", "date", "moment", "choice", "yes_no", "files", "words", "rows", "group"
]
KINDS: dict[Any, Kind] = {
    bool: "yes_no",
    int: "number",
    Decimal: "number",
    float: "number",
    date: "date",
    datetime: "moment",
}


@dataclass(frozen=True, kw_only=True)
class FieldShape:
    """One field: its name, what it holds, and how it is shown."""

    name: str
    kind: Kind
    label: str
    help: str
    example: str
    required: bool
    marker: FormField
    choices: tuple[tuple[str, str], ...] = ()
    model: type[BaseModel] | None = None
    most: int = 0
    default: str = ""


@cache
def shapes(model: type[BaseModel]) -> tuple[FieldShape, ...]:
    """The fields of a model, in the order they are declared."""
    return tuple(shape(name, info) for name, info in model.model_fields.items())


def shape(name: str, info: FieldInfo) -> FieldShape:
    """One field as a form sees it."""
    bare = _bare(info.annotation)
    marker = next((found for found in info.metadata if isinstance(found, FormField)), FormField())
    inner = row_or_group(info.annotation)
    default = info.default if isinstance(info.default, str | int | Decimal) else ""
    return FieldShape(
        name=name,
        kind=_kind(bare, marker, inner),
        label=info.title or name.replace("_", " ").capitalize(),
        help=info.description or "",
        example=_example(info),
        required=info.is_required() and bare is not bool,
        marker=marker,
        choices=_choices(bare),
        model=inner,
        most=next((found.max_length for found in info.metadata if hasattr(found, "max_length")), 0),
        default=str(default.value if isinstance(default, Enum) else default),
    )


def _example(info: FieldInfo) -> str:
    """The first example as one would type it."""
    first = info.examples[0] if info.examples else ""
    return ", ".join(map(str, first)) if isinstance(first, list) else str(first)


def _bare(annotation: Any) -> Any:
    """The type without Annotated and without «or none»."""
    if get_origin(annotation) is Annotated:
        return _bare(get_args(annotation)[0])
    if get_origin(annotation) in {Union, types.UnionType}:
        return _bare(next(each for each in get_args(annotation) if each is not types.NoneType))
    return annotation


def row_or_group(annotation: Any) -> type[BaseModel] | None:
    """The model inside a repeatable or nested field."""
    bare = _bare(annotation)
    inner = _bare(get_args(bare)[0]) if get_origin(bare) is list else bare
    return inner if isinstance(inner, type) and issubclass(inner, BaseModel) else None


def _kind(bare: Any, marker: FormField, inner: type[BaseModel] | None) -> Kind:
    if marker.widget != "auto":
        return marker.widget
    if inner is not None:
        return "rows" if get_origin(bare) is list else "group"
    if get_origin(bare) is list:
        return "words"
    if marker.choices or get_origin(bare) is Literal or (isinstance(bare, type) and issubclass(bare, Enum)):
        return "choice"
    return KINDS.get(bare, "text")


def _choices(bare: Any) -> tuple[tuple[str, str], ...]:
    if get_origin(bare) is Literal:
        return tuple((str(value), str(value)) for value in get_args(bare))
    if isinstance(bare, type) and issubclass(bare, Enum):
        return tuple((str(each.value), str(each.value).replace("_", " ").capitalize()) for each in bare)
    return ()


def lists_of(model: type[BaseModel]) -> set[str]:
    """The lists that its fields and those of its rows and groups choose from."""
    inner = (lists_of(one.model) for one in shapes(model) if one.model)
    return {one.marker.choices for one in shapes(model) if one.marker.choices}.union(*inner)
