"""What a form is made of, read once from its model: fields, long texts, tables with totals, files and groups."""

import types
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from uuid import UUID

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from backend.kit.fields import PEOPLE, FormField

Kind = Literal[
    "text", "long", "number", "money", "date", "moment", "choice", "choices", "yes_no", "files", "words", "rows",
    "group", "unknown",
]  # fmt: skip
KINDS: dict[Any, Kind] = {
    str: "text",
    UUID: "text",
    bool: "yes_no",
    int: "number",
    Decimal: "number",
    float: "number",
    date: "date",
    datetime: "moment",
}
WIDGETS: dict[str, Kind] = {"text": "text", "long": "long", "money": "money", "files": "files"}
OF_THEIR_OWN = frozenset({"rows", "group", "files"})  # kinds that need more room than the cell of a table


@dataclass(frozen=True, kw_only=True)
class FieldShape:
    """One field: its name, what it holds, and how it is shown.

    `choices` are the values of a choice as text with their words, `values` what each text means. `model` is that
    of a group or of the rows of a table. `places` are the decimal places of a number; None for any number of them.
    """

    name: str
    kind: Kind
    label: str
    help: str
    example: str
    required: bool
    marker: FormField
    choices: tuple[tuple[str, str], ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    model: type[BaseModel] | None = None
    most: int = 0
    places: int | None = None
    default: str = ""

    @property
    def is_person(self) -> bool:
        """Whether it holds the login of a person."""
        return self.marker.lookup in PEOPLE

    @property
    def as_cards(self) -> bool:
        """Whether the rows of this table need more room than a line."""
        return self.model is not None and any(each.kind in OF_THEIR_OWN for each in describe(self.model).fields)

    def label_of(self, value: object) -> str:
        """The word for one value of a choice."""
        held = as_typed(value)
        return dict(self.choices).get(held, held)


@dataclass(frozen=True)
class FormShape:
    """The fields of a form in their order; `has_total` says that its model has a property `total`."""

    fields: tuple[FieldShape, ...]
    has_total: bool

    @property
    def currency(self) -> str:
        """The name of the field that holds the currency; empty if there is none."""
        return next((each.name for each in self.fields if each.marker.widget == "currency"), "")

    @property
    def counts_money(self) -> bool:
        """Whether a total is an amount of money: one of the fields is."""
        return any(each.kind == "money" for each in self.fields)

    def lookups(self) -> frozenset[str]:
        """The lists that its fields choose from, at every depth."""
        own = frozenset(each.marker.lookup for each in self.fields if each.marker.lookup)
        return own.union(*(describe(each.model).lookups() for each in self.fields if each.model))

    def field(self, name: str) -> FieldShape | None:
        """The field with this name; None if there is none."""
        return next((each for each in self.fields if each.name == name), None)


@cache
def describe(model: type[BaseModel]) -> FormShape:
    """The form that this model makes."""
    fields = tuple(_field(name, info) for name, info in model.model_fields.items())
    return FormShape(fields, isinstance(getattr(model, "total", None), property))


def walk(model: type[BaseModel], data: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, FieldShape, Any]]:
    """Every field at every depth of what was given: its path, its shape, and its value."""
    for one in describe(model).fields:
        given, path = data.get(one.name), prefix + one.name
        yield path, one, given
        rows = given if isinstance(given, list) else []
        inside = {path: given} if isinstance(given, Mapping) else {f"{path}.{n}": row for n, row in enumerate(rows)}
        for where, each in inside.items():
            if one.model and isinstance(each, Mapping):
                yield from walk(one.model, each, f"{where}.")


def field_at(model: type[BaseModel], path: str) -> FieldShape | None:
    """The field at a path such as `lines.0.price`; None if there is none."""
    found: FieldShape | None = None
    inside: type[BaseModel] | None = model
    for part in path.split("."):
        if not part.isdecimal() and inside is not None:
            found = describe(inside).field(part)
            inside = found.model if found else None
    return found


def files_in(form: BaseModel) -> dict[str, UUID]:
    """The files that a form names, by the path of each: `receipts.0`."""
    return {
        f"{path}.{number}": UUID(str(each))
        for path, one, given in walk(type(form), form.model_dump())
        if one.kind == "files"
        for number, each in enumerate(given or [])
    }


def without_files(model: type[BaseModel], data: Mapping[str, Any]) -> dict[str, Any]:
    """The same content as a new form: files belong to one case alone."""
    found: dict[str, Any] = {}
    for one in describe(model).fields:
        value = data.get(one.name)
        if one.kind == "rows" and one.model and isinstance(value, list):
            value = [without_files(one.model, row) for row in value]
        elif one.kind == "group" and one.model and isinstance(value, Mapping):
            value = without_files(one.model, value)
        if one.kind != "files":
            found[one.name] = value
    return found


def people_named(form: BaseModel) -> set[str]:
    """The logins of the people whom a form names."""
    found = walk(type(form), form.model_dump())
    return {value for _, one, value in found if one.is_person and isinstance(value, str) and value}


def as_typed(value: Any) -> str:
    """One value as a form field holds it: numbers without exponents."""
    value = value.value if isinstance(value, Enum) else value
    if isinstance(value, float | Decimal):
        return f"{Decimal(str(value)):f}"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _field(name: str, info: FieldInfo) -> FieldShape:
    bare, marker = bare_type(info.annotation), _marker(info)
    inner = _inner(bare)
    default = as_typed(info.default) if isinstance(info.default, str | int | float | Decimal | Enum) else ""
    values = _values(info.annotation)
    return FieldShape(
        name=name,
        kind=_kind(info.annotation, marker, inner),
        label=info.title or name.replace("_", " ").capitalize(),
        help=info.description or "",
        example=_example(info),
        required=info.is_required() and bare is not bool,
        marker=marker,
        choices=_choices(_item(bare), values, marker.labels),
        values=values,
        model=inner,
        most=next((found.max_length for found in info.metadata if hasattr(found, "max_length")), 0),
        places=_places(bare, info),
        default=default,
    )


def _places(bare: Any, info: FieldInfo) -> int | None:
    """How many decimal places a number has; None if that is left open."""
    if bare is int:
        return 0
    inside = [each for option in get_args(info.annotation) for each in getattr(option, "__metadata__", ())]
    limits = (getattr(each, "decimal_places", None) for each in (*info.metadata, *_unfolded(inside)))
    return next((limit for limit in limits if limit is not None), None)


def _unfolded(metadata: Iterable[Any]) -> Iterator[Any]:
    """What is noted at a type, with what its fields note."""
    for each in metadata:
        yield from each.metadata if isinstance(each, FieldInfo) else (each,)


def _marker(info: FieldInfo) -> FormField:
    """The field's own marker, or one inside its `| None`."""
    inside = [each for option in get_args(info.annotation) for each in getattr(option, "__metadata__", ())]
    return next((each for each in (*info.metadata, *inside) if isinstance(each, FormField)), FormField())


def _example(info: FieldInfo) -> str:
    """The first example as one would type it."""
    first = info.examples[0] if info.examples else ""
    return "\n".join(map(str, first)) if isinstance(first, list) else str(first)


def bare_type(annotation: Any) -> Any:
    """The type without Annotated and without `| None`."""
    if get_origin(annotation) is Annotated:
        return bare_type(get_args(annotation)[0])
    if get_origin(annotation) in {Union, types.UnionType}:
        options = [each for each in get_args(annotation) if each is not types.NoneType]
        return bare_type(options[0]) if len(options) == 1 else annotation
    return annotation


def _item(bare: Any) -> Any:
    """The type of one element of a list; any other type as it is."""
    return bare_type(get_args(bare)[0]) if get_origin(bare) is list and get_args(bare) else bare


def _inner(bare: Any) -> type[BaseModel] | None:
    """The model of a group, or of the rows of a table."""
    inner = _item(bare)
    return inner if isinstance(inner, type) and issubclass(inner, BaseModel) else None


def _is_optional_yes_no(annotation: Any) -> bool:
    """Yes, no, or no answer: a box to tick cannot say the last."""
    return annotation is not bool and bare_type(annotation) is bool and types.NoneType in get_args(annotation)


def _kind(annotation: Any, marker: FormField, inner: type[BaseModel] | None) -> Kind:
    bare = bare_type(annotation)
    several, item = get_origin(bare) is list, _item(bare)
    if marker.widget in WIDGETS:
        return WIDGETS[marker.widget]
    if inner is not None:
        return "rows" if several else "group"
    if get_origin(item) is Literal or _is_enum(item) or _is_optional_yes_no(annotation):
        return "choices" if several else "choice"
    if several:
        return "words" if item is str else "unknown"
    if marker.lookup:
        return "choice"
    return KINDS.get(bare, "unknown")


def _is_enum(bare: Any) -> bool:
    return isinstance(bare, type) and issubclass(bare, Enum)


def _values(annotation: Any) -> dict[str, Any]:
    """The values of a choice, by the text of its form field."""
    item = _item(bare_type(annotation))
    if _is_optional_yes_no(annotation):
        return {"true": True, "false": False}
    if get_origin(item) is Literal:
        return {as_typed(value): value for value in get_args(item)}
    return {as_typed(each): each.value for each in item} if _is_enum(item) else {}


def _choices(item: Any, values: Mapping[str, Any], labels: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    words = {"true": "yes", "false": "no"} if item is bool else {}
    if _is_enum(item):
        words = {value: value.replace("_", " ").capitalize() for value in values}
    return tuple((value, labels.get(value, words.get(value, value))) for value in values)
