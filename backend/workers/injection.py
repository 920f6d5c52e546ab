"""Gives each activity the services of its worker, without globals."""

from typing import Any

from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from backend.activities.core.services import Services, use_services


class ServiceInjection(Interceptor):
    """A worker interceptor that sets the services around every activity."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002
        """Wrap the next interceptor."""
        return _Injecting(next, self._services)


class _Injecting(ActivityInboundInterceptor):
    def __init__(self, following: ActivityInboundInterceptor, services: Services) -> None:
        super().__init__(following)
        self._services = services

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002
        with use_services(self._services):
            return await super().execute_activity(input)
