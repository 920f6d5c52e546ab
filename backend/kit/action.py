"""Case actions: what people can do with a running case besides approvals, each with a typed input."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict

REQUESTER = "requester"

Given = TypeVar("Given", bound=BaseModel)


class NoInput(BaseModel):
    """For an action that needs nothing but the click."""

    model_config = ConfigDict(extra="forbid")


class OfferedAction(BaseModel):
    """An action that the workflow offers now: until when, and what happens if nobody takes it.

    Actions with the same `offer` are alternatives: the first one taken counts, and closes all.
    """

    key: str
    offer: int
    until: datetime | None = None
    then: str = ""


class ActionTaken(BaseModel):
    """An offered action that a person took, as the `act` signal carries it into the workflow."""

    action: str
    offer: int
    key: str
    by: str
    name: str
    at: datetime
    version: int
    input: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class CaseAction(Generic[Given]):
    """One action of a process, as its entry in `processes.py` declares it.

    `who` holds principals: `requester`, `group:editors`, `person:ann`. `label` is verb and object. `journal` is
    what the journal says after the person's name, in the past. `change` makes the next version of the form, if the
    action changes what was requested; `prefill` fills the form of the action from it. `replaces_withdrawal` says that
    it has the effect of a withdrawal, so that who may take it is not offered both.
    """

    key: str
    label: str
    input: type[Given]
    who: tuple[str, ...]
    journal: Callable[[Given], str]
    help: str = ""
    icon: str = "pencil"
    change: Callable[[Any, Given], Any] | None = None
    prefill: Callable[[Any], dict[str, Any]] = lambda _: {}
    replaces_withdrawal: bool = False

    def input_of(self, taken: ActionTaken) -> Given:
        """The input of this action; pydantic's ValidationError if it does not fit."""
        return self.input.model_validate(taken.input)
