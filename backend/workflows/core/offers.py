"""What a workflow offers people to do, and the first act on each offer that fits it."""

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError
from temporalio import workflow

from backend.kit.action import ActionTaken, CaseAction

Actions = Sequence[CaseAction[Any]]


class Offers:
    """Offers by number, in the order they were made; acts wait here for their offer when they come early.

    `made` is how many there were, former runs of the case included: the desk knows an offer by its number for ever.
    """

    def __init__(self, made: int = 0) -> None:
        self.made = made
        self._offered: dict[int, Actions] = {}
        self._acts: dict[int, ActionTaken] = {}

    def make(self, actions: Actions) -> int:
        """A new offer of these alternatives; its number."""
        self.made = number = self.made + 1
        self._offered[number] = actions
        early = self._acts.pop(number, None)
        if early is not None:
            self.take(early)
        return number

    def take(self, act: ActionTaken) -> None:
        """Keep the first act that fits its offer; anything else is ignored."""
        actions = self._offered.get(act.offer)
        if actions is not None and not _fits(act, actions):
            workflow.logger.warning("an act on offer %s does not fit and is ignored", act.offer)
            return
        self._acts.setdefault(act.offer, act)

    def act_on(self, number: int) -> ActionTaken | None:
        """The act that counts; None if there is none yet."""
        return self._acts.get(number)

    def action(self, act: ActionTaken) -> CaseAction[Any]:
        """Which of the alternatives it is."""
        return next(action for action in self._offered[act.offer] if action.key == act.action)


def _fits(act: ActionTaken, actions: Actions) -> bool:
    action = next((action for action in actions if action.key == act.action), None)
    if action is None:
        return False
    try:
        action.given(act)
    except ValidationError:
        return False
    return True
