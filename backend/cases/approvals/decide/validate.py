"""Validate a decision: the same checks for page, personal link, REST, bulk and override."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from backend.cases.approvals.core.errors import ExtraWrong, NotOffered, StaleVersion
from backend.cases.approvals.core.locked_approval import LockedApproval
from backend.cases.approvals.decide.decision import Decision
from backend.cases.core.compared import compared, file_names
from backend.cases.core.errors import CommentNeeded
from backend.cases.core.form_context import form_context
from backend.database.tables import CaseVersion
from backend.kit.approval import DecisionKind
from backend.kit.form_validation import validate
from backend.kit.i18n import N_
from backend.kit.text import paragraphs


async def validated(locked: LockedApproval, decision: Decision) -> Decision:
    """The decision as it is recorded, with its option and extra fields.

    StaleVersion, NotOffered, CommentNeeded or ExtraWrong otherwise.
    """
    await refuse_if_stale(locked, decision.version)
    option = locked.policy.option(decision.kind, decision.option)
    if option is None:
        raise NotOffered
    comment = paragraphs(decision.comment)
    if option.comment and not comment:
        raise CommentNeeded(N_("Enter a reason; the requester will see it."))
    return replace(decision, comment=comment, option=option.key, extra=await _extra(locked, decision))


async def _extra(locked: LockedApproval, decision: Decision) -> Mapping[str, Any] | None:
    """The fields that come with an approval of this step; an override needs none. ExtraWrong with every error."""
    model = locked.process.decision_fields.get(locked.approval.step)
    if model is None or decision.overrides or decision.kind is not DecisionKind.APPROVE:
        return None
    context = await form_context(locked.session, locked.person, model)
    form, errors = validate(model, decision.extra or {}, context)
    if form is None:
        raise ExtraWrong(errors)
    return form.model_dump(mode="json")


async def refuse_if_stale(locked: LockedApproval, version: int) -> None:
    """StaleVersion with the differences, unless this version of the form was on the screen."""
    case = locked.case
    if version == case.version:
        return
    shown = await locked.session.get(CaseVersion, (case.id, version))
    model, before = locked.process.input, shown.input if shown else {}
    files = await file_names(locked.session, model, before, case.input)
    raise StaleVersion(case.version, compared(model, before, case.input, files))
