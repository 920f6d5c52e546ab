"""A posted decision: the button that was pressed, the comment, and the fields that come with an approval."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from backend.api.routes.core.forms.decoder import typed_data, unread
from backend.api.routes.core.forms.numbers import respelled
from backend.api.routes.core.forms.rows import flat
from backend.api.routes.core.forms.view import FormView, form_view
from backend.cases.approvals.core.errors import ExtraWrong
from backend.cases.approvals.core.locked_approval import LockedApproval
from backend.cases.approvals.decide.decide import DecisionResult, decide
from backend.cases.approvals.decide.decision import Channel, Decision
from backend.cases.core.actor import Actor
from backend.cases.core.errors import CaseError, CommentNeeded, CommentTooLong, NotFound
from backend.cases.core.form_context import form_context
from backend.kit.approval import DecisionKind
from backend.kit.form_check import DECISION_CONTROLS
from backend.kit.i18n import N_

FIXABLE = (CommentNeeded, CommentTooLong, ExtraWrong)  # shown where it was typed


def _extra_values(form: Mapping[str, str]) -> dict[str, list[str]]:
    """What was typed into the extra fields, by path."""
    return {name: [value] for name, value in form.items() if name not in DECISION_CONTROLS}


async def decide_from(
    form: Mapping[str, str],
    locked: LockedApproval,
    channel: Channel,
    link: UUID | None = None,
    undo_within: timedelta = timedelta(0),
) -> DecisionResult:
    """Decide what the form says. A button names the kind, and its option after a colon where there are several."""
    version, (kind, _, option) = form.get("version", ""), form.get("decision", "").partition(":")
    if kind not in set(DecisionKind) or not version.isdecimal():
        raise NotFound(N_("This decision cannot be read. Open the approval again."))
    model = locked.process.decision_fields.get(locked.approval.step)
    decision = Decision(
        kind=DecisionKind(kind),
        version=int(version[:9]),
        channel=channel,
        comment=form.get("comment", ""),
        option=option or form.get("option", ""),
        extra=typed_data(model, flat(respelled(model, _extra_values(form)))) if model else {},
        link=link,
        undo_within=undo_within,
    )
    return await decide(locked, decision)


async def extra_fields(
    session: AsyncSession,
    person: Actor,
    model: type[BaseModel] | None,
    form: Mapping[str, str],
    refused: CaseError | None = None,
) -> FormView | None:
    """The extra fields of this step as they are drawn: with what was typed and its errors."""
    if model is None:
        return None
    values, context = respelled(model, _extra_values(form)), await form_context(session, person, model)
    errors = refused.errors | unread(model, flat(values)) if isinstance(refused, ExtraWrong) else {}
    return form_view(model, values, errors, context.choices)


def problem_of(refused: CaseError | None) -> str:
    """What the page says above a decision that has to be fixed."""
    if isinstance(refused, ExtraWrong):
        return N_("Fix the fields below to approve.")
    return refused.sentence if refused else ""
