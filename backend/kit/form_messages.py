"""The error at a field: what to do about it."""

from collections.abc import Callable
from typing import Any

from pydantic_core import ErrorDetails

from backend.kit.forms import FieldShape
from backend.kit.i18n import N_


def sentence(one: FieldShape | None, error: ErrorDetails) -> str:
    """The message for one of Pydantic's errors."""
    kind = error["type"]
    if kind == "value_error":
        return str(error.get("ctx", {}).get("error", error["msg"]))
    if kind == "extra_forbidden":
        return N_("This form has no such field.")
    if one is None:
        return error["msg"]
    if kind == "missing" or kind in _EMPTY:
        return missing(one)
    made = _MESSAGES.get(kind)
    return made(one, error.get("ctx", {})) if made else _FIXED.get(kind, error["msg"])


_EMPTY = {"string_too_short"}


def missing(one: FieldShape) -> str:
    """What to say where nothing was given."""
    if one.marker.missing:
        return one.marker.missing
    verbs = {
        "choice": N_("Choose a value for “{label}”"),
        "choices": N_("Choose a value for “{label}”"),
        "date": N_("Choose a date for “{label}”"),
        "moment": N_("Choose a day and time for “{label}”"),
        "rows": N_("Add at least one line to “{label}”"),
        "files": N_("Attach a file to “{label}”"),
    }
    return verbs.get(one.kind, N_("Fill in “{label}”")).format(label=one.label)


_FROM_THE_LIST = N_("Choose from the list")
_WHOLE_NUMBER = N_("Enter a whole number, such as 3")
_TOO_LARGE = N_("This number is too large")
_NO_FILE = N_("There is no such file")
_YES_OR_NO = N_("Choose yes or no")
_FIELDS_OF_ITS_OWN = N_("Fill in the fields of this group one by one")
_DATE = N_("Choose a date, such as 2026-12-24")
_DAY_AND_TIME = N_("Choose a day and time, such as 2026-12-24 09:00")


def _number(one: FieldShape, _: dict[str, Any]) -> str:
    return N_("Enter an amount, such as 118.00") if one.kind == "money" else N_("Enter a number, such as 3")


def not_plain(one: FieldShape) -> str:
    """What to say where a number or a day is written in another way than the usual one."""
    fixed = {"date": _DATE, "moment": _DAY_AND_TIME}.get(one.kind)
    return fixed or (_WHOLE_NUMBER if one.places == 0 else _number(one, {}))


def _text(one: FieldShape, _: dict[str, Any]) -> str:
    return _FROM_THE_LIST if one.kind in {"choice", "choices"} else N_("Enter text; in JSON, in quotation marks")


def _rows(one: FieldShape, _: dict[str, Any]) -> str:
    return N_("Choose from the uploaded files") if one.kind == "files" else N_("Enter a list of lines")


def _pattern(one: FieldShape, _: dict[str, Any]) -> str:
    return N_("Enter it like {text}").format(text=one.example) if one.example else N_("Check the format")


_FIXED = {
    "int_parsing": _WHOLE_NUMBER,
    "int_type": _WHOLE_NUMBER,
    "int_from_float": _WHOLE_NUMBER,
    "decimal_max_places": N_("Use at most two decimal places"),
    "decimal_max_digits": _TOO_LARGE,
    "decimal_whole_digits": _TOO_LARGE,
    "date_from_datetime_inexact": _DATE,
    "date_from_datetime_parsing": _DATE,
    "date_parsing": _DATE,
    "date_type": _DATE,
    "uuid_parsing": _NO_FILE,
    "uuid_type": _NO_FILE,
    "bool_parsing": _YES_OR_NO,
    "bool_type": _YES_OR_NO,
    "dict_type": _FIELDS_OF_ITS_OWN,
    "model_type": _FIELDS_OF_ITS_OWN,
    "model_attributes_type": _FIELDS_OF_ITS_OWN,
    "datetime_from_date_parsing": _DAY_AND_TIME,
    "datetime_parsing": _DAY_AND_TIME,
    "literal_error": _FROM_THE_LIST,
    "enum": _FROM_THE_LIST,
}
_MESSAGES: dict[str, Callable[[FieldShape, dict[str, Any]], str]] = {
    "decimal_parsing": _number,
    "decimal_type": _number,
    "finite_number": _number,
    "float_parsing": _number,
    "float_type": _number,
    "string_type": _text,
    "list_type": _rows,
    "string_pattern_mismatch": _pattern,
    "too_short": lambda one, _: missing(one),
    "greater_than": lambda _, about: N_("Enter more than {limit}").format(limit=about["gt"]),
    "greater_than_equal": lambda _, about: N_("Enter {limit} or more").format(limit=about["ge"]),
    "less_than": lambda _, about: N_("Enter less than {limit}").format(limit=about["lt"]),
    "less_than_equal": lambda _, about: N_("Enter {limit} or less").format(limit=f"{about['le']:,}"),
    "string_too_long": lambda _, about: N_("Use at most {limit} characters").format(limit=f"{about['max_length']:,}"),
    "too_long": lambda _, about: N_("Give at most {limit}").format(limit=about["max_length"]),
}
