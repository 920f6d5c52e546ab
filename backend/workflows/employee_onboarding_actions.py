"""What people can do with a running onboarding: move the first day, and deal with what failed."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from backend.kit.action import REQUESTER, CaseAction, NoInput
from backend.kit.fields import FormField, from_today
from backend.kit.i18n import N_

PEOPLE_OPERATIONS = "group:people-operations"


class NewStartDate(BaseModel):
    """When they start instead."""

    model_config = ConfigDict(extra="forbid")

    start_date: Annotated[date, FormField(width="narrow")] = Field(title=N_("First day"))

    @field_validator("start_date")
    @classmethod
    def not_in_the_past(cls, value: date, info: ValidationInfo) -> date:
        """The first day is never in the past."""
        return from_today(value, info)


class Resolution(BaseModel):
    """What somebody did instead of the system."""

    model_config = ConfigDict(extra="forbid")

    how: str = Field(title=N_("What was done manually"), min_length=1, max_length=300, pattern=r"\S")


def _starting_on(form: BaseModel, given: NewStartDate) -> BaseModel:
    return form.model_copy(update={"start_date": given.start_date})


def _moved_to(given: NewStartDate) -> str:
    day = f"{given.start_date:%a} {given.start_date.day} {given.start_date:%b %Y}"
    return N_("moved the first day to {day}.").format(day=day)


MOVE_START: CaseAction[NewStartDate] = CaseAction(
    key="move_start",
    label=N_("Move first day"),
    input=NewStartDate,
    who=(REQUESTER, PEOPLE_OPERATIONS),
    journal=_moved_to,
    help=N_("Moves everything planned for that day: account activation, equipment handout and reminders."),
    icon="calendar",
    change=_starting_on,
    prefill=lambda form: {"start_date": form.start_date},
)
RETRY: CaseAction[NoInput] = CaseAction(
    key="try_again",
    label=N_("Retry failed steps"),
    input=NoInput,
    who=(REQUESTER, PEOPLE_OPERATIONS),
    journal=lambda _: N_("retried the failed steps."),
    help=N_("Repeats only what failed; everything else continues unchanged."),
    icon="refresh",
)
RESOLVE: CaseAction[Resolution] = CaseAction(
    key="settle",
    label=N_("Mark as resolved"),
    input=Resolution,
    who=(REQUESTER, PEOPLE_OPERATIONS),
    journal=lambda given: N_("marked the failed steps as resolved: {text}").format(text=given.how),
    help=N_("The failed steps count as done from then on."),
    icon="check",
)
ONBOARDING_ACTIONS: Sequence[CaseAction[Any]] = (MOVE_START, RETRY, RESOLVE)
