"""What to say beside a field: what to do, not what is wrong with the person."""

from collections.abc import Callable
from typing import Any

from pydantic_core import ErrorDetails

from backend.kit.forms import FieldShape


def sentence(one: FieldShape | None, error: ErrorDetails) -> str:
    """The message for one of Pydantic's errors."""
    kind = error["type"]
    if kind == "value_error":
        return str(error.get("ctx", {}).get("error", error["msg"]))
    if kind == "extra_forbidden":
        return "This form has no such field."
    if one is None:
        return error["msg"]
    if kind == "missing" or kind in _EMPTY:
        return missing(one)
    given = _MESSAGES.get(kind)
    return given(one, error.get("ctx", {})) if given else error["msg"]


_EMPTY = {"string_too_short"}


def missing(one: FieldShape) -> str:
    """What to say where nothing was given."""
    if one.marker.missing:
        return one.marker.missing
    name = one.label.lower()
    article = "an" if name[:1] in "aeiou" else "a"
    verbs = {
        "choice": f"Choose {article} {name}",
        "date": f"Choose a date for “{one.label}”",
        "rows": "Add at least one line",
        "files": "Attach a file",
    }
    return verbs.get(one.kind, f"Enter {article} {name}")


def _number(one: FieldShape, _: dict[str, Any]) -> str:
    return "Enter an amount, such as 118.00" if one.kind == "money" else "Enter a number, such as 3"


def _text(one: FieldShape, _: dict[str, Any]) -> str:
    return "Choose one of the list" if one.kind in {"choice", "choices"} else "Enter text; in JSON, in quotation marks"


def _rows(one: FieldShape, _: dict[str, Any]) -> str:
    return "Choose among the uploaded files" if one.kind == "files" else "This is a list of lines"


def _parts(*_: object) -> str:
    return "This has fields of its own; fill them in one by one"


def _date(*_: object) -> str:
    return "Choose a date, such as 2026-12-24"


_MESSAGES: dict[str, Callable[[FieldShape, dict[str, Any]], str]] = {
    "int_parsing": lambda *_: "Enter a whole number, such as 3",
    "int_type": lambda *_: "Enter a whole number, such as 3",
    "int_from_float": lambda *_: "Enter a whole number, such as 3",
    "decimal_parsing": _number,
    "decimal_type": _number,
    "finite_number": _number,
    "decimal_max_places": lambda *_: "At most two digits after the point",
    "decimal_max_digits": lambda *_: "This number is too large",
    "decimal_whole_digits": lambda *_: "This number is too large",
    "greater_than": lambda _, about: f"Enter more than {about['gt']}",
    "greater_than_equal": lambda _, about: f"Enter {about['ge']} or more",
    "less_than": lambda _, about: f"Enter less than {about['lt']}",
    "less_than_equal": lambda _, about: f"Enter {about['le']:,} or less",
    "string_too_long": lambda _, about: f"At most {about['max_length']:,} characters",
    "too_long": lambda _, about: f"At most {about['max_length']}",
    "too_short": lambda one, _: missing(one),
    "date_from_datetime_inexact": _date,
    "date_from_datetime_parsing": _date,
    "date_parsing": _date,
    "date_type": _date,
    "string_type": _text,
    "list_type": _rows,
    "uuid_parsing": lambda *_: "There is no such file",
    "uuid_type": lambda *_: "There is no such file",
    "bool_parsing": lambda *_: "Choose yes or no",
    "bool_type": lambda *_: "Choose yes or no",
    "dict_type": _parts,
    "model_type": _parts,
    "model_attributes_type": _parts,
    "datetime_from_date_parsing": lambda *_: "Choose a day and time, such as 2026-12-24 09:00",
    "datetime_parsing": lambda *_: "Choose a day and time, such as 2026-12-24 09:00",
    "literal_error": lambda *_: "Choose one of the list",
    "enum": lambda *_: "Choose one of the list",
    "string_pattern_mismatch": lambda one, _: (
        f"Enter it like {one.example}" if one.example else "This has another form"
    ),
}
