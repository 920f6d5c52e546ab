"""How a form shows a field, said beside the field's type: `Annotated[str, FormField(widget="long")]`.

What the type says already (number, date, choice, rows of a model) needs no marker; title, help and example are the
`title`, `description` and `examples` of Pydantic's `Field`.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from pydantic import ValidationInfo

Widget = Literal["text", "long", "money", "files", "auto"]
Width = Literal["full", "wide", "narrow"]


@dataclass(frozen=True, kw_only=True)
class FormField:
    """How to draw one field.

    `section` opens a new panel with this title; `choices` names a list that the desk looks up, such as cost centres;
    `when` is (field, value): the field counts only if that other field has that value; `missing` is what to say when
    nothing was given.
    """

    widget: Widget = "auto"
    width: Width = "full"
    section: str = ""
    choices: str = ""
    when: tuple[str, str] | None = None
    missing: str = ""


@dataclass(frozen=True, kw_only=True)
class FormContext:
    """What validation at the edge knows beyond the form: today, and the choices by name.

    Workflows validate without it, so a date that was in the future stays valid when history is replayed.
    """

    today: date
    choices: dict[str, dict[str, str]]


def from_today(value: date, info: ValidationInfo) -> date:
    """Refuse a day in the past, at the edge only: time passes while the case runs."""
    if isinstance(info.context, FormContext) and value < info.context.today:
        raise ValueError("Choose today or a later day")
    return value
