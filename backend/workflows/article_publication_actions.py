"""What people can do with a reviewed article: move its publication, publish it now, retract it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from backend.kit.action import REQUESTER, CaseAction, NoInput
from backend.kit.fields import FormField, from_now
from backend.kit.i18n import N_
from backend.kit.moments import in_utc

EDITORS = "group:editors"


class NewMoment(BaseModel):
    """When it is published instead."""

    model_config = ConfigDict(extra="forbid")

    publish_at: Annotated[datetime, FormField(width="narrow")] = Field(title=N_("Publish at"))

    @field_validator("publish_at")
    @classmethod
    def not_in_the_past(cls, value: datetime, info: ValidationInfo) -> datetime:
        """An article cannot be published in the past."""
        return from_now(value, info)


class Retraction(BaseModel):
    """Why it is taken down."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, FormField(widget="long")] = Field(
        title=N_("Reason"),
        min_length=1,
        max_length=1000,
        pattern=r"\S",
        description=N_("Shown to readers in place of the article."),
    )


def _published_at(form: BaseModel, given: NewMoment) -> BaseModel:
    return form.model_copy(update={"publish_at": given.publish_at})


MOVE_PUBLICATION: CaseAction[NewMoment] = CaseAction(
    key="move_publication",
    label=N_("Reschedule publication"),
    input=NewMoment,
    who=(REQUESTER, EDITORS),
    journal=lambda given: N_("rescheduled the publication to {moment}.").format(moment=in_utc(given.publish_at)),
    icon="calendar",
    change=_published_at,
    prefill=lambda form: {"publish_at": form.publish_at.isoformat() if form.publish_at else None},
)
PUBLISH_NOW: CaseAction[NoInput] = CaseAction(
    key="publish_now",
    label=N_("Publish now"),
    input=NoInput,
    who=(REQUESTER, EDITORS),
    journal=lambda _: N_("published the article early."),
    help=N_("The article appears on the site within seconds."),
    icon="send",
)
RETRACT: CaseAction[Retraction] = CaseAction(
    key="retract",
    label=N_("Retract article"),
    input=Retraction,
    who=(REQUESTER, EDITORS),
    journal=lambda given: N_("retracted the article: {reason}").format(reason=given.reason),
    help=N_("Takes the article down at once. Its page then says that it was retracted, and why."),
    icon="trash",
    replaces_withdrawal=True,
)
ARTICLE_ACTIONS: Sequence[CaseAction[Any]] = (MOVE_PUBLICATION, PUBLISH_NOW, RETRACT)
