"""Refuse effects that differ from what people approved, before they happen."""

from collections.abc import Sequence
from typing import Any

from temporalio import activity
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from backend.activities.core.errors import not_as_approved
from backend.cases.lifecycle.approved_effects import refusal_of_effect
from backend.database.engine import Database
from backend.kit.process import Process
from backend.services.keyed import Keyed


class ApprovedEffects(Interceptor):
    """A worker interceptor in front of the activities that these processes name in `approved_effects`."""

    def __init__(self, database: Database, processes: Sequence[Process]) -> None:
        self._database = database
        self._processes = processes

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002
        """Wrap the next interceptor."""
        return _Checking(next, self._database, self._processes)


class _Checking(ActivityInboundInterceptor):
    def __init__(self, following: ActivityInboundInterceptor, database: Database, processes: Sequence[Process]) -> None:
        super().__init__(following)
        self._database = database
        self._processes = {process.key: process for process in processes}
        effects = (effect for process in processes for effect in process.approved_effects)
        self._checked = {effect.activity.__name__ for effect in effects}

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002
        name = activity.info().activity_type
        if name in self._checked:
            await self._check(name, input.args[0])
        return await super().execute_activity(input)

    async def _check(self, name: str, argument: Any) -> None:
        if not isinstance(argument, Keyed):
            raise not_as_approved("An effect without a key belongs to no case.")
        why = await refusal_of_effect(
            self._database,
            self._processes,
            name,
            argument,
            tenant=argument.tenant,
            reference=argument.key.partition(":")[0],
            approved=argument.approved,
        )
        if why:
            raise not_as_approved(why)
