"""A purchase with two case actions, moving its date and hurrying it, and cases that offer them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator
from sqlalchemy import update

from backend.database.engine import Database
from backend.database.tables import Case
from backend.kit.action import REQUESTER, CaseAction, NoInput, OfferedAction
from backend.kit.fields import from_today
from backend.kit.process import Process
from backend.kit.progress import Progress
from backend.processes import by_key
from backend.workflows.purchase import PurchaseApproval


class NewDay(BaseModel):
    """When it is needed instead."""

    model_config = ConfigDict(extra="forbid")

    needed_by: date = Field(title="Needed by")
    why: str = Field(title="Why", min_length=1, max_length=200)

    @field_validator("needed_by")
    @classmethod
    def not_in_the_past(cls, value: date, info: ValidationInfo) -> date:
        """Checked only where input arrives."""
        return from_today(value, info)


def moved(form: PurchaseApproval, given: NewDay) -> PurchaseApproval:
    """The purchase with its new day."""
    return form.model_copy(update={"needed_by": given.needed_by})


MOVE = CaseAction(
    key="move",
    label="Move the day",
    input=NewDay,
    who=(REQUESTER, "group:finance"),
    journal=lambda given: f"moved the day to {given.needed_by:%Y-%m-%d}.",
    change=moved,
    prefill=lambda form: {"needed_by": form.needed_by},
)
HURRY = CaseAction(
    key="hurry", label="Hurry up", input=NoInput, who=("group:finance",), journal=lambda _: "asked to hurry up."
)


def processes() -> dict[str, Process]:
    """The processes, with actions for purchases."""
    return {**by_key(), "purchase_approval": replace(by_key()["purchase_approval"], actions=(MOVE, HURRY))}


async def offer(
    database: Database,
    reference: str,
    actions: Sequence[CaseAction[Any]],
    until: datetime | None = None,
    number: int = 1,
    beyond: Sequence[CaseAction[Any]] = (),
) -> None:
    """Write into the read model what a workflow would report."""
    offered = [OfferedAction(key=each.key, offer=number, until=until, then="it stays as it is.") for each in actions]
    offered += [OfferedAction(key=each.key, offer=number) for each in beyond]
    progress = Progress(sentence="It is under way", actions=offered).model_dump(mode="json")
    async with database.across_tenants() as session:
        await session.execute(update(Case).where(Case.reference == reference).values(progress=progress))
