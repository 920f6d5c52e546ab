"""Note every failed attempt of an activity where its case shows it, with the real cause, until a later one works."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
from temporalio import activity
from temporalio.exceptions import ApplicationError
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from backend.cases.operations.failing_steps import FailedAttempt, note_failure, note_success
from backend.database.engine import Database
from backend.database.errors import DatabaseAway
from backend.kit.i18n import N_

log = logging.getLogger(__name__)
NOTE_SECONDS = 5.0


class FailureNotes(Interceptor):
    """A worker interceptor that notes failed attempts. Noting never changes how the attempt itself ends."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002
        """Wrap the next interceptor."""
        return _Noting(next, self._database)


class _Noting(ActivityInboundInterceptor):
    def __init__(self, following: ActivityInboundInterceptor, database: Database) -> None:
        super().__init__(following)
        self._database = database

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002
        info = activity.info()
        try:
            result = await super().execute_activity(input)
        except DatabaseAway:
            raise  # there is nowhere to note it; health says that the database is away
        except Exception as error:
            await self._note(info, error)
            raise
        if info.attempt > 1:
            await self._noted(note_success(self._database, str(info.workflow_id), info.activity_id))
        return result

    async def _note(self, info: activity.Info, error: Exception) -> None:
        if is_final(info, error):
            note = note_success(self._database, str(info.workflow_id), info.activity_id)
        else:
            failed = FailedAttempt(
                workflow_id=str(info.workflow_id),
                activity_id=info.activity_id,
                step=info.activity_type,
                attempts=info.attempt,
                reason=in_words(error),
                next_at=next_attempt(info, datetime.now(UTC)),
            )
            note = note_failure(self._database, failed)
        await self._noted(note)

    async def _noted(self, note: Any) -> None:
        try:
            await asyncio.wait_for(note, NOTE_SECONDS)
        except Exception as error:  # noqa: BLE001 - the attempt itself matters more than its note
            log.warning("a failed attempt could not be noted: %s", type(error).__name__)


def is_final(info: activity.Info, error: Exception) -> bool:
    """Whether the workflow gets this failure, as no attempt follows."""
    if isinstance(error, ApplicationError) and error.non_retryable:
        return True
    policy = info.retry_policy
    if policy is None:
        return False
    named = policy.non_retryable_error_types or ()
    last = policy.maximum_attempts and info.attempt >= policy.maximum_attempts
    return bool(last) or type(error).__name__ in named


def next_attempt(info: activity.Info, now: datetime) -> datetime | None:
    """When the next attempt is due; None if the policy is not known."""
    policy = info.retry_policy
    if policy is None:
        return None
    longest = policy.maximum_interval or policy.initial_interval * 100
    seconds = policy.initial_interval.total_seconds() * policy.backoff_coefficient ** min(info.attempt - 1, 60)
    return now + min(timedelta(seconds=min(seconds, longest.total_seconds())), longest)


def in_words(error: Exception) -> str:
    """The cause: in words where it is a common one, else its type and message."""
    if isinstance(error, httpx2.HTTPStatusError):
        return N_("The external system answered with status {code}.").format(code=error.response.status_code)
    if isinstance(error, httpx2.TimeoutException):
        return N_("The external system did not answer in time.")
    if isinstance(error, httpx2.TransportError):
        return N_("The external system is not responding.")
    kind = error.type if isinstance(error, ApplicationError) and error.type else type(error).__name__
    return f"{kind}: {error}"
