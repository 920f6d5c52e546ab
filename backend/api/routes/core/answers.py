"""A posted answer: the button that was pressed, the comment, and the fields that a yes needs beside it."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from pydantic import BaseModel

from backend.api.routes.core.forms.decoder import decode
from backend.api.routes.core.forms.rearranging import flat
from backend.api.routes.core.forms.view import FormView, form_view
from backend.cases.approvals.deciding import Answer
from backend.cases.errors import NotFound
from backend.kit.approval import Choice
from backend.kit.fields import FormContext

OWN = frozenset({"csrf_token", "version", "decision", "option", "comment", "restore"})
NOTHING_TO_CHOOSE = FormContext(today=date.min, choices={})  # for a step without fields of its own

Fields = dict[str, list[str]]


def fields_of(form: Mapping[str, str]) -> Fields:
    """What was typed into the fields of the process, by path."""
    return {name: [value] for name, value in form.items() if name not in OWN}


def answer_of(
    form: Mapping[str, str],
    model: type[BaseModel] | None = None,
    context: FormContext = NOTHING_TO_CHOOSE,
    link: UUID | None = None,
) -> Answer:
    """The answer that a form holds. A button names its choice, and behind a colon the option if there are several."""
    version, (choice, _, option) = form.get("version", ""), form.get("decision", "").partition(":")
    if choice not in set(Choice) or not version.isdecimal():
        raise NotFound("This answer cannot be read. Open the approval again.")
    extra = decode(model, flat(fields_of(form)), context).data if model else {}
    option = option or form.get("option", "")
    return Answer(Choice(choice), int(version[:9]), form.get("comment", ""), option, extra, link)


def extra_view(
    model: type[BaseModel] | None, form: Mapping[str, str], context: FormContext, *, checked: bool
) -> FormView | None:
    """The fields as they are drawn, with what was typed and, once checked, what is wrong with it."""
    if model is None:
        return None
    values = fields_of(form)
    errors = decode(model, flat(values), context).errors if checked else {}
    return form_view(model, values, errors, context.choices)
