"""The actions that a workflow offers to people, and the first action on each offer that fits it."""

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError
from temporalio import workflow

from backend.kit.action import ActionTaken, CaseAction

Actions = Sequence[CaseAction[Any]]


class Offers:
    """Offers by number, in the order they were made. An action that comes early waits here for its offer.

    `made` is how many there were, previous runs of the case included: the number of an offer is never used again.
    """

    def __init__(self, made: int = 0) -> None:
        self.made = made
        self._offered: dict[int, Actions] = {}
        self._taken: dict[int, ActionTaken] = {}

    def make(self, actions: Actions) -> int:
        """A new offer of these alternatives; its number."""
        self.made = number = self.made + 1
        self._offered[number] = actions
        early = self._taken.pop(number, None)
        if early is not None:
            self.take(early)
        return number

    def take(self, taken: ActionTaken) -> None:
        """Keep the first action that fits its offer; anything else is ignored."""
        actions = self._offered.get(taken.offer)
        if actions is not None and not _fits(taken, actions):
            workflow.logger.warning("an action on offer %s does not fit and is ignored", taken.offer)
            return
        self._taken.setdefault(taken.offer, taken)

    @property
    def untaken(self) -> tuple[int, ...]:
        """The offers of this run that nobody has acted on."""
        return tuple(number for number in self._offered if number not in self._taken)

    def taken(self, number: int) -> ActionTaken | None:
        """The action that counts; None if there is none yet."""
        return self._taken.get(number)

    def action(self, taken: ActionTaken) -> CaseAction[Any]:
        """Which of the alternatives it is."""
        return next(action for action in self._offered[taken.offer] if action.key == taken.action)


def _fits(taken: ActionTaken, actions: Actions) -> bool:
    action = next((action for action in actions if action.key == taken.action), None)
    if action is None:
        return False
    try:
        action.input_of(taken)
    except ValidationError:
        return False
    return True
