"""Numbers in the fields of a form, in the language of its page."""

from pydantic import BaseModel

from backend.i18n.language import current_language
from backend.i18n.typed_numbers import TYPED_IN, language_named, respell_number, understood, write_number
from backend.kit.forms import FieldShape, field_at

NUMBERS = frozenset({"number", "money"})


def in_page_language(one: FieldShape, value: str) -> str:
    """What a field holds, as the page writes it: only numbers differ."""
    return write_number(value) if one.kind in NUMBERS else value


def read_as(one: FieldShape, typed: str) -> str:
    """How a number was read, as the page writes it; empty for other fields, or if it was typed just so."""
    return understood(typed, one.places) if one.kind in NUMBERS else ""


def respelled(model: type[BaseModel], values: dict[str, list[str]]) -> dict[str, list[str]]:
    """The values that were typed, without the control `typed_in`, and with their numbers as this page writes them."""
    typed_in = language_named(next(iter(values.get(TYPED_IN, [])), None))
    content = {name: given for name, given in values.items() if name != TYPED_IN}
    if typed_in is current_language():
        return content
    numbers = {name for name in content if _is_number(model, name)}
    return {
        name: [respell_number(value, typed_in) for value in given] if name in numbers else given
        for name, given in content.items()
    }


def _is_number(model: type[BaseModel], name: str) -> bool:
    one = field_at(model, name)
    return one is not None and one.kind in NUMBERS
