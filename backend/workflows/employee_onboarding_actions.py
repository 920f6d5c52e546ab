"""What people may do with an onboarding while it runs: move the first day, and put right what failed."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from backend.kit.action import REQUESTER, CaseAction, NoInput
from backend.kit.fields import FormField, from_today

PEOPLE_OPERATIONS = "group:people-operations"


class NewStartDate(BaseModel):
    """When they start instead."""

    model_config = ConfigDict(extra="forbid")

    start_date: Annotated[date, FormField(width="narrow")] = Field(title="First day")

    @field_validator("start_date")
    @classmethod
    def not_in_the_past(cls, value: date, info: ValidationInfo) -> date:
        """Nobody starts yesterday."""
        return from_today(value, info)


class DoneByHand(BaseModel):
    """What somebody did instead of the system."""

    model_config = ConfigDict(extra="forbid")

    how: str = Field(title="What was done by hand", min_length=1, max_length=300, pattern=r"\S")


def _starting_on(form: BaseModel, given: NewStartDate) -> BaseModel:
    return form.model_copy(update={"start_date": given.start_date})


MOVE_START: CaseAction[NewStartDate] = CaseAction(
    key="move_start",
    label="Move the first day",
    input=NewStartDate,
    who=(REQUESTER, PEOPLE_OPERATIONS),
    told=lambda given: f"moved the first day to {given.start_date:%a} {given.start_date.day} {given.start_date:%b %Y}.",
    help="All that is prepared moves with it: the account, the hand-out of equipment and the reminders.",
    icon="calendar",
    change=_starting_on,
    prefill=lambda form: {"start_date": form.start_date},
)
TRY_AGAIN: CaseAction[NoInput] = CaseAction(
    key="try_again",
    label="Try again what failed",
    input=NoInput,
    who=(REQUESTER, PEOPLE_OPERATIONS),
    told=lambda _: "had what failed tried again.",
    help="Only what failed is done once more; the rest goes on as it is.",
    icon="refresh",
)
SETTLE: CaseAction[DoneByHand] = CaseAction(
    key="settle",
    label="Settle by hand",
    input=DoneByHand,
    who=(REQUESTER, PEOPLE_OPERATIONS),
    told=lambda given: f"settled by hand what had failed: {given.how}",
    help="What failed counts as done from then on.",
    icon="check",
)
ONBOARDING_ACTIONS: Sequence[CaseAction[Any]] = (MOVE_START, TRY_AGAIN, SETTLE)
