"""How a form shows a field, declared with the field's type: `Annotated[str, FormField(widget="long")]`.

What the type says already (number, date, choice, rows of a model) needs no marker; title, help and example are the
`title`, `description` and `examples` of Pydantic's `Field`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import ValidationInfo

from backend.kit.i18n import N_

Widget = Literal["text", "long", "money", "currency", "files", "auto"]
Width = Literal["full", "wide", "narrow"]
FARTHEST = timedelta(days=36_525)  # a later day is a typing error in its year


class Lookup(StrEnum):
    """The lists that the desk looks up for forms."""

    COST_CENTRES = "cost_centres"
    MANAGERS = "managers"
    STOCK = "stock"


PEOPLE = frozenset({Lookup.MANAGERS})  # their values are logins


@dataclass(frozen=True, kw_only=True)
class FormField:
    """How to draw one field.

    `section` opens a new panel with this title; `lookup` names a list that the desk looks up, such as cost centres;
    `when` is (field, value): the field counts only if that other field has that value; `missing` is the error when the
    field is empty. `labels` are the words for the values of a choice. The widget `currency` marks the field that holds
    the currency of every amount in the form. `markdown` renders a long text as Markdown. `suggests` offers what was
    typed into this text field in earlier requests. `once` warns where another case of the process has the same value,
    such as an order number. `partner` marks the text field that names the business partner, such as a vendor: who
    decides sees how earlier requests with the same one ended.
    """

    widget: Widget = "auto"
    width: Width = "full"
    section: str = ""
    lookup: str = ""
    labels: Mapping[str, str] = field(default_factory=dict, hash=False)
    when: tuple[str, str] | None = None
    missing: str = ""
    markdown: bool = False
    suggests: bool = False
    once: bool = False
    partner: bool = False


@dataclass(frozen=True, kw_only=True)
class FormContext:
    """What validation at the edge knows beyond the form: the time, the person's time zone, and the choices by name.

    Workflows validate without it, so a date that was in the future stays valid when history is replayed.
    """

    today: date
    choices: dict[str, dict[str, str]]
    now: datetime | None = None
    zone: str = "UTC"

    def as_accepted(self, at: datetime) -> "FormContext":
        """For what was accepted at that moment: its days were to come and its choices on their lists."""
        return replace(self, today=at.date() - timedelta(days=1), now=None, choices={})


def from_today(value: date, info: ValidationInfo) -> date:
    """Refuse a day in the past or in a century, at the edge only: time passes while the case runs."""
    if isinstance(info.context, FormContext):
        if value < info.context.today:
            raise ValueError(N_("Choose today or a later day"))
        if value - info.context.today > FARTHEST:
            raise ValueError(N_("Choose a day within the next hundred years"))
    return value


def from_now(value: datetime, info: ValidationInfo) -> datetime:
    """A moment in UTC; one without a zone is meant where the person is. At the edge as `from_today` has it."""
    context = info.context if isinstance(info.context, FormContext) else None
    if value.tzinfo is None:
        value = value.replace(tzinfo=ZoneInfo(context.zone if context else "UTC"))
    if context is not None and context.now is not None:
        if value < context.now:
            raise ValueError(N_("Choose a moment that is still to come"))
        if value - context.now > FARTHEST:
            raise ValueError(N_("Choose a moment within the next hundred years"))
    try:
        return value.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(N_("Choose a moment within the next hundred years")) from error
