"""How a state looks to people: its label, its icon and its tone, kept with the state itself."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, Self

Tone = Literal["", "go", "ok", "warn", "bad"]


@dataclass(frozen=True)
class Look:
    """A label, the name of an icon, and a tone: in progress (`go`), good, worth a look, bad, or neutral."""

    label: str
    icon: str
    tone: Tone = ""


_NONE = Look("", "dots")


class VisibleState(StrEnum):
    """A state with its look: `OPEN = "open", Look(N_("Open"), "inbox", "go")`."""

    _value_: str
    look: Look

    def __new__(cls, value: str, look: Look = _NONE) -> Self:
        """A member is its value, and its look comes along; a member is looked up by its value alone."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.look = look
        return member
