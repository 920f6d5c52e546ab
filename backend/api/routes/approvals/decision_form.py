"""A posted answer: the button that was pressed, the comment, and the fields that a yes needs beside it."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from backend.api.routes.core.forms.context import form_context
from backend.api.routes.core.forms.decoder import decode
from backend.api.routes.core.forms.rows import flat
from backend.api.routes.core.forms.view import FormView, form_view
from backend.api.routes.core.state import WebState
from backend.cases.approvals.decide.decide import Decision
from backend.cases.core.access import approval_of
from backend.cases.core.actor import Actor
from backend.cases.core.errors import CaseError, CommentNeeded, CommentTooLong, ExtraWrong, NotFound
from backend.database.tables import Case
from backend.kit.approval import DecisionKind
from backend.kit.fields import FormContext

OWN = frozenset({"csrf_token", "version", "decision", "option", "comment", "restore"})
INCOMPLETE = (CommentNeeded, CommentTooLong, ExtraWrong)  # to be mended where it was typed
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
) -> Decision:
    """The answer that a form holds. A button names its choice, and behind a colon the option if there are several."""
    version, (choice, _, option) = form.get("version", ""), form.get("decision", "").partition(":")
    if choice not in set(DecisionKind) or not version.isdecimal():
        raise NotFound("This answer cannot be read. Open the approval again.")
    extra = decode(model, flat(fields_of(form)), context).data if model else {}
    option = option or form.get("option", "")
    return Decision(DecisionKind(choice), int(version[:9]), form.get("comment", ""), option, extra, link)


async def extra_fields(
    session: AsyncSession, person: Actor, model: type[BaseModel] | None, form: Mapping[str, str], *, checked: bool
) -> FormView | None:
    """The fields that a yes needs at this step as they are drawn: with what was typed and, once checked, its errors."""
    if model is None:
        return None
    values, context = fields_of(form), await form_context(session, person, model)
    errors = decode(model, flat(values), context).errors if checked else {}
    return form_view(model, values, errors, context.choices)


async def answer_typed(
    form: Mapping[str, str], state: WebState, person: Actor, approval_id: UUID, link: UUID | None = None
) -> Decision:
    """The answer; a step's own fields are looked up only where some were sent."""
    if not fields_of(form):
        return answer_of(form, link=link)
    async with state.database.transaction(person.tenant) as session:
        approval = await approval_of(session, person, approval_id, state.processes)
        case = await session.get_one(Case, approval.case_id)
        model = state.processes[case.process].decision_fields.get(approval.step)
        context = await form_context(session, person, model) if model else NOTHING_TO_CHOOSE
    return answer_of(form, model, context, link)


def what_is_missing(refused: CaseError | None) -> str:
    """What stands above an answer that cannot be taken as it is."""
    if isinstance(refused, ExtraWrong):
        return "Something is missing beside your answer."
    return refused.sentence if refused else ""
