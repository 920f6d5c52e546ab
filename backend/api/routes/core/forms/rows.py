"""Lines of a form, added and removed on the server, so that a form with lines needs no script."""

from collections.abc import Mapping
from datetime import UTC, datetime

from pydantic import BaseModel

from backend.api.routes.core.forms.decoder import decode
from backend.kit.fields import FormContext

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


def _renumbered(model: type[BaseModel], values: Values) -> Values:
    nothing_to_choose = FormContext(today=datetime.now(UTC).date(), choices={})
    return decode(model, flat(values), nothing_to_choose).values


def flat(values: Mapping[str, list[str]]) -> list[tuple[str, str]]:
    """Name and value of each field, one pair a value."""
    return [(name, value) for name, all_ in values.items() for value in all_]
