"""From what a browser sends (`items.0.quantity`) to a validated model, or to all errors at once, each at its field."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from backend.api.routes.core.forms.names import picked
from backend.api.routes.core.forms.numbers import NUMBERS
from backend.api.routes.core.forms.words import words_in
from backend.i18n.typed_numbers import UNREADABLE, doubt, read_number
from backend.kit.fields import FormContext
from backend.kit.form_validation import validate
from backend.kit.forms import FieldShape, as_typed, describe
from backend.kit.i18n import N_

MOST_ROWS = 200
MOST_UNKNOWN = 20  # fields that the form does not have: more are not listed
LONGEST_INDEX = 5
DEEPEST = 12  # parts of a name

Pairs = Sequence[tuple[str, str]]
Values = Mapping[str, Sequence[str]]


@dataclass
class Decoded:
    """The model if everything fits; else what to mend, by path. The values are as they were typed."""

    values: dict[str, list[str]]
    data: dict[str, Any]
    form: BaseModel | None = None
    errors: dict[str, str] = field(default_factory=dict)


def decode(model: type[BaseModel], pairs: Pairs, context: FormContext) -> Decoded:
    """Decode and validate. A choice may be typed by its name."""
    values = picked(model, _renumber(_collect(pairs)), context.choices)
    errors: dict[str, str] = {}
    used: set[str] = set()
    data = build(model, "", values, used, errors)
    for name in sorted(values.keys() - used)[:MOST_UNKNOWN]:
        errors[name] = N_("This form has no such field.")
    decoded = Decoded(values=values, data=data, errors=errors)
    form, found = validate(model, data, context)
    decoded.errors = {**found, **errors}
    if not decoded.errors:
        decoded.form = form
    return decoded


def typed_data(model: type[BaseModel], pairs: Pairs) -> dict[str, Any]:
    """What was typed, as JSON has it; fields that the model does not have are left out, and nothing is validated."""
    return build(model, "", _renumber(_collect(pairs)), set(), {})


def unread(model: type[BaseModel], pairs: Pairs) -> dict[str, str]:
    """What cannot be read as it was typed, by path: numbers that could be two, and fields that were sent twice."""
    errors: dict[str, str] = {}
    build(model, "", _renumber(_collect(pairs)), set(), errors)
    return errors


def _collect(pairs: Pairs) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    return values


def _is_index(part: str) -> bool:
    return part.isdecimal() and len(part) <= LONGEST_INDEX


def _renumber(values: dict[str, list[str]]) -> dict[str, list[str]]:
    """Close the gaps that removed rows leave, at every depth: rows 0, 2, 5 become 0, 1, 2."""
    numbers: dict[tuple[str, ...], set[int]] = {}
    split = {name: tuple(name.split(".")) for name in values if name.count(".") < DEEPEST}
    for parts in split.values():
        for depth, part in enumerate(parts[1:], start=1):
            if _is_index(part):
                numbers.setdefault(parts[:depth], set()).add(int(part))
    places = {
        above: {number: str(place) for place, number in enumerate(sorted(all_))} for above, all_ in numbers.items()
    }

    def moved(name: str) -> str:
        parts = split.get(name, ())
        whole = [
            places[parts[:depth]][int(part)] if depth and _is_index(part) else part for depth, part in enumerate(parts)
        ]
        return ".".join(whole) or name

    return {moved(name): value for name, value in values.items()}


def build(
    model: type[BaseModel], prefix: str, values: Values, used: set[str], errors: dict[str, str]
) -> dict[str, Any]:
    """The data of this model as far as it was typed; notes which names it `used`, and what is wrong with how often."""
    data: dict[str, Any] = {}
    for one in describe(model).fields:
        path = prefix + one.name
        value = _value(one, path, values, used, errors)
        if one.marker.when is not None:
            other, wanted = one.marker.when
            if as_typed(data.get(other, "")) != wanted:
                continue
        if value is not None:
            data[one.name] = value
    return data


def _value(one: FieldShape, path: str, values: Values, used: set[str], errors: dict[str, str]) -> Any:
    if one.kind == "group" and one.model:
        return build(one.model, f"{path}.", values, used, errors)
    if one.kind == "rows" and one.model:
        count = row_count(path, values)
        if count > MOST_ROWS:
            errors[path] = N_("Use at most {limit} lines.").format(limit=MOST_ROWS)
        return [build(one.model, f"{path}.{index}.", values, used, errors) for index in range(min(count, MOST_ROWS))]
    used.add(path)
    given = values.get(path, [])
    if one.kind in {"files", "choices"}:
        return [one.values.get(value, value) for value in given if value]
    if len(given) > 1:
        errors[path] = N_("This was sent more than once.")
    if one.kind == "words":
        return words_in(given[0]) if given else None
    if one.kind == "yes_no":
        return bool(given) and given[0] in {"true", "on", "yes"}
    typed = _single(one, path, given[0], errors) if given else None
    return one.values.get(typed, typed) if typed else None


def _single(one: FieldShape, path: str, typed: str, errors: dict[str, str]) -> str | None:
    """What was typed as `plain` reads it; a number that could be two asks which."""
    value = plain(one, typed)
    if value == UNREADABLE and (question := doubt(typed.strip(), places=one.places)):
        errors.setdefault(path, question)
    return value


def plain(one: FieldShape, typed: str) -> str | None:
    """What was typed, without surrounding spaces; numbers as Python reads them; None if empty."""
    value = typed.strip()
    if one.kind in NUMBERS:
        value = value and read_number(value, places=one.places)
    if one.kind == "long":
        value = value.replace("\r\n", "\n")
    return value or None


def row_count(path: str, values: Iterable[str]) -> int:
    """How many rows of a repeatable field there are."""
    prefix = f"{path}."
    indexes = {name[len(prefix) :].partition(".")[0] for name in values if name.startswith(prefix)}
    return len([index for index in indexes if index.isdecimal()])
