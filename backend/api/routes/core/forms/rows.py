"""Lines of a form, added and removed on the server, so that a form with lines needs no script."""

from collections.abc import Mapping
from datetime import UTC, datetime

from pydantic import BaseModel

from backend.api.routes.core.forms.decoder import decode, row_count
from backend.kit.fields import FormContext
from backend.kit.forms import field_at

Values = dict[str, list[str]]


def rearranged(model: type[BaseModel], values: Values, controls: Mapping[str, str]) -> Values:
    """What was typed, after the button that was pressed: `add` names a field, `remove` one of its lines."""
    values = _renumbered(model, values)
    if controls.get("add"):
        name = controls["add"]
        count = len({key.split(".")[1] for key in values if key.startswith(f"{name}.")})
        values[f"{name}.{max(count, 1)}.added"] = [""]
    if controls.get("remove"):
        gone = f"{controls['remove']}."
        values = _renumbered(model, {key: value for key, value in values.items() if not key.startswith(gone)})
    return values


def focus_after(model: type[BaseModel], values: Values, controls: Mapping[str, str]) -> str:
    """The path to go on at after this button: the line that was added, the neighbour of one that was removed."""
    if name := controls.get("add"):
        return f"{name}.{max(row_count(name, values) - 1, 0)}"
    if removed := controls.get("remove"):
        name, _, number = removed.rpartition(".")
        last = max(row_count(name, values) - 1, 0)
        return f"{name}.{min(int(number), last)}" if number.isdecimal() else ""
    if gone := controls.get("detach"):
        return next((name for name in values if gone in values[name] and _takes_files(model, name)), "")
    return ""


def _takes_files(model: type[BaseModel], name: str) -> bool:
    one = field_at(model, name)
    return one is not None and one.kind == "files"


def _renumbered(model: type[BaseModel], values: Values) -> Values:
    nothing_to_choose = FormContext(today=datetime.now(UTC).date(), choices={})
    return decode(model, flat(values), nothing_to_choose).values


def flat(values: Mapping[str, list[str]]) -> list[tuple[str, str]]:
    """Name and value of each field, one pair a value."""
    return [(name, value) for name, all_ in values.items() for value in all_]
