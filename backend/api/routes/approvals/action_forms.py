"""The pages of the approval actions: what each page says and asks for, and the use case that it calls."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from backend.api.routes.core.form_models import PostedForm, Version
from backend.cases.approvals.assign.reassign import add_approver, reassign
from backend.cases.approvals.consult.advice import give_advice, request_advice, withdraw_advice
from backend.cases.approvals.consult.questions import ask_question
from backend.cases.approvals.core.locked_approval import LockedApproval
from backend.cases.approvals.decide.decision import Channel, Decision
from backend.cases.approvals.decide.override import override
from backend.cases.approvals.decide.retract import retract
from backend.cases.approvals.detail.available_actions import ApprovalAction
from backend.cases.core.errors import CaseError
from backend.kit.approval import DecisionKind
from backend.kit.i18n import N_


class NobodyChosen(CaseError):
    """Choose a person."""

    status = 422
    code = "nobody_chosen"


class NothingChosen(CaseError):
    """Choose what you recommend."""

    status = 422
    code = "nothing_chosen"


class ActionForm(PostedForm):
    """What these pages send; `find` searches for people, `restore` brings back what was typed before signing in."""

    person: str = ""
    whose: str = ""
    words: str = ""
    advice: str = ""
    verdict: str = ""
    version: Version = 0
    q: str = ""
    find: str = ""
    restore: str = ""

    def chosen_person(self) -> str:
        """The person who was chosen; NobodyChosen if none was."""
        if not self.person:
            raise NobodyChosen
        return self.person[:60]


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """The page of one action; a label that is empty asks for nothing."""

    action: ApprovalAction
    title: str
    effect: str
    button: str
    perform: Callable[[LockedApproval, ActionForm], Awaitable[str]]
    person: str = ""
    words: str = ""
    optional: bool = False
    advice: bool = False
    verdict: bool = False
    whose: bool = False
    danger: bool = False


async def _ask(locked: LockedApproval, form: ActionForm) -> str:
    await ask_question(locked, form.words)
    return N_("Question sent. The approval stays open.")


async def _request_advice(locked: LockedApproval, form: ActionForm) -> str:
    await request_advice(locked, form.chosen_person(), form.words)
    return N_("Advice requested. You still make the decision.")


async def _withdraw_advice(locked: LockedApproval, _: ActionForm) -> str:
    await withdraw_advice(locked)
    return N_("Request for advice withdrawn.")


async def _advise(locked: LockedApproval, form: ActionForm) -> str:
    if form.advice not in set(DecisionKind):
        raise NothingChosen
    await give_advice(locked, DecisionKind(form.advice), form.words)
    return N_("Recommendation sent.")


async def _reassign(locked: LockedApproval, form: ActionForm) -> str:
    await reassign(locked, form.chosen_person(), form.words, whose=form.whose[:60])
    return N_("Approval reassigned.")


async def _add_approver(locked: LockedApproval, form: ActionForm) -> str:
    await add_approver(locked, form.chosen_person(), form.words)
    return N_("Approver added. One more approval is needed now.")


async def _override(locked: LockedApproval, form: ActionForm) -> str:
    if form.verdict not in set(DecisionKind):
        raise NothingChosen(N_("Choose a decision."))
    kind, channel = DecisionKind(form.verdict), Channel.PAGE
    await override(locked, Decision(kind=kind, version=form.version, comment=form.words, channel=channel))
    return N_("Approval overridden.")


async def _retract(locked: LockedApproval, _: ActionForm) -> str:
    await retract(locked)
    return N_("Decision undone. The approval is open again.")


_ALL = (
    Sheet(
        action=ApprovalAction.ASK,
        title=N_("Ask {requester} a question"),
        effect=N_("The approval stays open. {requester} answers on the request, and you see the answer here."),
        words=N_("Your question"),
        button=N_("Ask {requester}"),
        perform=_ask,
    ),
    Sheet(
        action=ApprovalAction.DELEGATE,
        title=N_("Request advice"),
        effect=N_("Your colleague sees the request and sends a recommendation. You still make the decision."),
        person=N_("Colleague"),
        words=N_("Note"),
        optional=True,
        button=N_("Request advice"),
        perform=_request_advice,
    ),
    Sheet(
        action=ApprovalAction.TAKE_BACK,
        title=N_("Withdraw the request for advice"),
        effect=N_("You no longer wait for the recommendation. The approval stays in your inbox."),
        button=N_("Withdraw request"),
        perform=_withdraw_advice,
    ),
    Sheet(
        action=ApprovalAction.ADVISE,
        title=N_("Send a recommendation"),
        effect=N_("Your recommendation does not count as a decision: the approver who asked you still decides."),
        words=N_("Reason"),
        advice=True,
        button=N_("Send recommendation"),
        perform=_advise,
    ),
    Sheet(
        action=ApprovalAction.REASSIGN,
        title=N_("Reassign this approval"),
        effect=N_("The other person decides instead. The case records who reassigned it to whom."),
        person=N_("New approver"),
        words=N_("Reason"),
        optional=True,
        whose=True,
        button=N_("Reassign"),
        perform=_reassign,
    ),
    Sheet(
        action=ApprovalAction.ADD_APPROVER,
        title=N_("Add an approver"),
        effect=N_("One more person has to approve: the number of approvals needed grows by one."),
        person=N_("Additional approver"),
        words=N_("Reason"),
        optional=True,
        button=N_("Add approver"),
        perform=_add_approver,
    ),
    Sheet(
        action=ApprovalAction.OVERRIDE,
        title=N_("Override this approval"),
        effect=N_("You decide alone. All approvers are notified, and the override is recorded permanently."),
        words=N_("Reason for the override"),
        verdict=True,
        danger=True,
        button=N_("Override"),
        perform=_override,
    ),
    Sheet(
        action=ApprovalAction.UNDO,
        title=N_("Undo my decision"),
        effect=N_("Nothing has happened because of it yet. The approval opens again, and everybody is notified."),
        button=N_("Undo"),
        perform=_retract,
    ),
)
SHEETS = {sheet.action: sheet for sheet in _ALL}
