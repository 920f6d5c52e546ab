"""Actions that a running case offers to people, and waiting for what they do."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from backend.activities.close_offer_activity import close_offer
    from backend.cases.lifecycle.case_actions import CloseOffer
    from backend.cases.lifecycle.case_rows import CaseRows, KnownRows
    from backend.kit.action import ActionTaken, CaseAction, OfferedAction
    from backend.kit.case import Case
    from backend.kit.progress import Milestone
    from backend.workflows.core.case_state import ABANDON, CaseState
    from backend.workflows.core.offers import Offers
    from backend.workflows.core.retry_policies import WORKFLOW_WRITES


def never() -> bool:
    """The default of a condition that nobody gave."""
    return False


class CaseActions(CaseState):
    """A case that people can act on, as its process declares in `actions`."""

    def __init__(self, case: Case[Any, Any], milestones: list[Milestone]) -> None:
        super().__init__(case, milestones)
        self._offers = Offers()

    @workflow.signal(name="act", unfinished_policy=ABANDON)
    async def take_action(self, taken: ActionTaken | None = None) -> None:
        """Somebody did what was offered, if a row says so; the first action on an offer counts."""
        if self.reads_rows():
            await self.catch_up()
        elif taken is not None:
            self._offers.take(taken)

    def known(self) -> KnownRows:
        """With the offers that nobody has acted on."""
        return super().known().model_copy(update={"offers": self._offers.untaken})

    def apply(self, rows: CaseRows) -> None:
        """With what people did."""
        super().apply(rows)
        for taken in rows.actions:
            self._offers.take(taken)

    async def offer(
        self,
        *actions: CaseAction[Any],
        until: datetime | None = None,
        then: str = "",
        unless: Callable[[], bool] = never,
        beyond: Sequence[CaseAction[Any]] = (),
    ) -> ActionTaken | None:
        """Offer these alternatives to people and wait for the first action. Stops if the case is withdrawn instead.

        None when the time is up or `unless` becomes true. `then` says what happens without an action, for people.
        Actions in `beyond` will be offered again when the time is up, so people see no deadline for them.
        An action that changes the form has changed `self.case` when this returns.
        """
        number = self._offers.make((*actions, *beyond))
        self.progress.actions += [OfferedAction(key=each.key, offer=number, until=until, then=then) for each in actions]
        self.progress.actions += [OfferedAction(key=each.key, offer=number) for each in beyond]
        await self.report()

        def over() -> bool:
            return self._offers.taken(number) is not None or self.withdrawn is not None or unless()

        await self._wait(over, until, then or "somebody acts")
        self.progress.close_offer(number)
        if self._offers.taken(number) is None:
            # The row decides, not the timer: an action in time counts even if its signal comes later.
            closing = CloseOffer(tenant=self.case.tenant, case_id=self.case.case_id, offer=number)
            found = await workflow.execute_local_activity(close_offer, closing, **WORKFLOW_WRITES)
            if found is not None:
                self._offers.take(found)
        taken = self._offers.taken(number)
        if taken is None:
            self.stop_if_withdrawn()
            return None
        return self._changed_by(taken)

    def _changed_by(self, taken: ActionTaken) -> ActionTaken:
        action = self._offers.action(taken)
        if action.change is not None:
            form = action.change(self.case.input, action.input_of(taken))
            self.case = self.case.model_copy(update={"input": form, "version": taken.version})
        return taken

    async def _wait(self, over: Callable[[], bool], until: datetime | None, then: str) -> None:
        """Operators read what the timer is for: "until the first day begins"."""
        left = None if until is None else until - workflow.now()
        timer = f"until {then[0].lower()}{then[1:].rstrip('.')}" if left else None
        if left is None or left > timedelta(0):
            with suppress(TimeoutError):
                await workflow.wait_condition(over, timeout=left, timeout_summary=timer)
