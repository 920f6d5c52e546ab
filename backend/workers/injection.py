"""Give each activity the services of its worker, without globals; a refusal for good ends its retries."""

from typing import Any

from temporalio import activity
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from backend.activities.core.errors import refused_for_good
from backend.activities.core.services import Services, use_services
from backend.services.keyed import Refused, attempt


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
        with use_services(self._services), attempt(activity.info().attempt):
            try:
                return await super().execute_activity(input)
            except Refused as refusal:
                raise refused_for_good(str(refusal)) from refusal
