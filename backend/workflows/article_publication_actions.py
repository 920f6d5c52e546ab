"""What people may do with an article that is reviewed: move its publication, publish it now, retract it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from backend.kit.action import REQUESTER, CaseAction, NoInput
from backend.kit.fields import FormField, from_now
from backend.kit.moments import in_utc

EDITORS = "group:editors"


class NewMoment(BaseModel):
    """When it is published instead."""

    model_config = ConfigDict(extra="forbid")

    publish_at: Annotated[datetime, FormField(width="narrow")] = Field(title="Publish at")

    @field_validator("publish_at")
    @classmethod
    def to_come(cls, value: datetime, info: ValidationInfo) -> datetime:
        """Nothing is published yesterday."""
        return from_now(value, info)


class Retraction(BaseModel):
    """Why it is taken down."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, FormField(widget="long")] = Field(
        title="Reason",
        min_length=1,
        max_length=1000,
        pattern=r"\S",
        description="Readers see it at the address of the article.",
    )


def _published_at(form: BaseModel, given: NewMoment) -> BaseModel:
    return form.model_copy(update={"publish_at": given.publish_at})


MOVE_PUBLICATION: CaseAction[NewMoment] = CaseAction(
    key="move_publication",
    label="Move the publication",
    input=NewMoment,
    who=(REQUESTER, EDITORS),
    told=lambda given: f"moved the publication to {in_utc(given.publish_at)}.",
    icon="calendar",
    change=_published_at,
    prefill=lambda form: {"publish_at": form.publish_at.isoformat() if form.publish_at else None},
)
PUBLISH_NOW: CaseAction[NoInput] = CaseAction(
    key="publish_now",
    label="Publish it now",
    input=NoInput,
    who=(REQUESTER, EDITORS),
    told=lambda _: "published it before its time.",
    help="It stands on the site within seconds.",
    icon="send",
)
RETRACT: CaseAction[Retraction] = CaseAction(
    key="retract",
    label="Retract the article",
    input=Retraction,
    who=(REQUESTER, EDITORS),
    told=lambda given: f"retracted the article: {given.reason}",
    help="The article is taken down at once. Its address goes on and says that it was retracted, and why.",
    icon="trash",
)
ARTICLE_ACTIONS: Sequence[CaseAction[Any]] = (MOVE_PUBLICATION, PUBLISH_NOW, RETRACT)
