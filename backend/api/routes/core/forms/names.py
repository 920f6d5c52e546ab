"""Choices that were typed by their name instead of picked from their list."""

from collections.abc import Mapping

from pydantic import BaseModel

from backend.kit.forms import field_at

Choices = Mapping[str, Mapping[str, str]]


def picked(model: type[BaseModel], values: dict[str, list[str]], choices: Choices) -> dict[str, list[str]]:
    """The same values, with each name that means exactly one choice of its list as that choice."""
    return {name: _picked(model, name, given, choices) for name, given in values.items()}


def _picked(model: type[BaseModel], name: str, given: list[str], choices: Choices) -> list[str]:
    one = field_at(model, name)
    offered = choices.get(one.marker.lookup) if one else None
    return [_choice(typed, offered) for typed in given] if offered else given


def _choice(typed: str, offered: Mapping[str, str]) -> str:
    wanted = typed.strip().casefold()
    if not wanted or typed in offered:
        return typed
    exact = [value for value, words in offered.items() if wanted in {value.casefold(), words.casefold()}]
    found = exact or [value for value, words in offered.items() if wanted in words.casefold()]
    return found[0] if len(found) == 1 else typed
