"""A journey in three bookings, to test how a saga undoes them."""

from datetime import timedelta

from pydantic import BaseModel
from temporalio import activity, workflow
from temporalio.exceptions import ActivityError, ApplicationError

with workflow.unsafe.imports_passed_through():
    from backend.workflows.core.outcomes import CaseWithdrawn
    from backend.workflows.core.retry_policies import PATIENT
    from backend.workflows.core.saga import Compensation, Saga

SHORT = workflow.ActivityConfig(
    task_queue="journeys", start_to_close_timeout=timedelta(seconds=30), retry_policy=PATIENT
)
PARTS = ("flight", "hotel", "car")


class Booking(BaseModel):
    """One part of the journey; `how` determines what happens to it."""

    key: str
    how: str = "works"


class Journey(BaseModel):
    """What happens to each part, and when it is undone."""

    parts: dict[str, str] = {}
    back: dict[str, str] = {}


@workflow.defn
class JourneyWorkflow:
    """Books everything, or nothing."""

    def __init__(self) -> None:
        self.stopped = False
        self.told: list[str] = []
        self.back: dict[str, str] = {}

    @workflow.signal
    def stop(self) -> None:
        """Withdraw the journey."""
        self.stopped = True

    @workflow.run
    async def run(self, journey: Journey) -> list[str]:
        """Return the reports of undone steps, and how it ended."""
        self.back = journey.back
        try:
            async with Saga(self.hear, lambda: self.stopped) as saga:
                for part in PARTS:
                    booking = Booking(key=part, how=f"{journey.parts.get(part, 'works')} {journey.back.get(part, '')}")
                    await saga.do(book, booking, undo=give_back, config=SHORT, no_effect_if=lambda booked: not booked)
                self._stop_if_told()
        except ActivityError:
            self.told.append("failed")
        except CaseWithdrawn:
            self.told.append("stopped")
        return self.told

    def _stop_if_told(self) -> None:
        if self.stopped:
            raise CaseWithdrawn

    async def hear(self, undone: Compensation) -> None:
        """Keep the report for the result."""
        self.told.append(f"{undone.key}: {undone.failure or 'undone'}")


class Agency:
    """The travel agency: a log of what was done, in order."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self.tries: dict[str, int] = {}


AGENCIES: list[Agency] = []


@activity.defn
async def book(booking: Booking) -> bool:
    """Book one part."""
    AGENCIES[-1].log.append(f"book {booking.key}")
    how, _, _ = booking.how.partition(" ")
    if how == "refused":
        raise ApplicationError("fully booked", non_retryable=True)
    if how == "away":
        raise ApplicationError("the line is busy")
    return how != "declined"


@activity.defn
async def give_back(booking: Booking) -> None:
    """Cancel one part."""
    _, _, how = booking.how.partition(" ")
    agency = AGENCIES[-1]
    agency.tries[booking.key] = agency.tries.get(booking.key, 0) + 1
    if how == "slow" and agency.tries[booking.key] < 4:
        raise ApplicationError("not now")
    if how == "never":
        raise ApplicationError("no refunds", non_retryable=True)
    agency.log.append(f"give back {booking.key}")
