"""What a case offers people to do while it runs, and waiting for what they do."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from backend.activities.close_offer_activity import close_offer
    from backend.cases.lifecycle.case_actions import CloseOffer
    from backend.kit.action import ActionTaken, CaseAction, OfferedAction
    from backend.kit.case import Case
    from backend.kit.progress import Milestone
    from backend.workflows.core.offers import Offers
    from backend.workflows.core.reported_case import ReportedCase
    from backend.workflows.core.retry_policies import WORKFLOW_WRITES


def never() -> bool:
    """For a condition that is not asked for."""
    return False


class OfferingCase(ReportedCase):
    """A case that people can act on, as its process declares in `actions`."""

    def __init__(self, case: Case[Any, Any], milestones: list[Milestone]) -> None:
        super().__init__(case, milestones)
        self._offers = Offers()

    @workflow.signal
    def act(self, act: ActionTaken) -> None:
        """What somebody did of what was offered; the first act on an offer counts."""
        self._offers.take(act)

    async def act_on(
        self,
        *actions: CaseAction[Any],
        until: datetime | None = None,
        then: str = "",
        unless: Callable[[], bool] = never,
        beyond: Sequence[CaseAction[Any]] = (),
    ) -> ActionTaken | None:
        """Offer these alternatives to people and wait for the first act.

        None when the time is up, the case is recalled, or `unless` becomes true. `then` says what happens without an
        act, for people. What is `beyond` will be offered again when the time is up, so people are told no end of it.
        An act that changes the form has changed `self.case` when this returns.
        """
        number = self._offers.make((*actions, *beyond))
        self.now_at.actions += [OfferedAction(key=each.key, offer=number, until=until, then=then) for each in actions]
        self.now_at.actions += [OfferedAction(key=each.key, offer=number) for each in beyond]
        await self.report()

        def over() -> bool:
            return self._offers.act_on(number) is not None or self.recalled is not None or unless()

        await self._wait(over, until, then or "somebody acts")
        self.now_at.close_offer(number)
        if self._offers.act_on(number) is None:
            # The row decides, not the timer: an act in time counts even if its signal comes later.
            closing = CloseOffer(tenant=self.case.tenant, case_id=self.case.case_id, offer=number)
            found = await workflow.execute_local_activity(close_offer, closing, **WORKFLOW_WRITES)
            if found is not None:
                self.act(found)
        return self._changed_by(self._offers.act_on(number))

    def _changed_by(self, act: ActionTaken | None) -> ActionTaken | None:
        action = self._offers.action(act) if act else None
        if act is not None and action is not None and action.change is not None:
            form = action.change(self.case.input, action.given(act))
            self.case = self.case.model_copy(update={"input": form, "version": act.version})
        return act

    async def _wait(self, heard: Callable[[], bool], until: datetime | None, then: str) -> None:
        """Operators read what the timer is for: «until the first day begins»."""
        left = None if until is None else until - workflow.now()
        timer = f"until {then[0].lower()}{then[1:].rstrip('.')}" if left else None
        if left is None or left > timedelta(0):
            with suppress(TimeoutError):
                await workflow.wait_condition(heard, timeout=left, timeout_summary=timer)
