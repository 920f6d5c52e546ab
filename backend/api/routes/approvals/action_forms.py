"""The sheets of the acts: what each says and asks for, and which use case it calls."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from backend.api.routes.core.state import WebState
from backend.cases.approvals.assign.reassign import add_approver, reassign
from backend.cases.approvals.consult.advice import give_advice, request_advice, withdraw_advice
from backend.cases.approvals.consult.questions import ask_question
from backend.cases.approvals.decide.override import override
from backend.cases.approvals.decide.retract import retract
from backend.cases.approvals.decide.votes import Channel
from backend.cases.approvals.detail.available_actions import ApprovalAction
from backend.cases.core.actor import Actor
from backend.cases.core.errors import CaseError
from backend.kit.approval import DecisionKind

Form = Mapping[str, str]


class NobodyChosen(CaseError):
    """Choose a person."""

    status = 422
    code = "nobody_chosen"


class NothingChosen(CaseError):
    """Choose what you recommend."""

    status = 422
    code = "nothing_chosen"


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One act as its page says it; empty labels ask for nothing."""

    act: ApprovalAction
    title: str
    effect: str
    button: str
    person: str = ""
    words: str = ""
    optional: bool = False
    advice: bool = False
    verdict: bool = False
    whose: bool = False
    danger: bool = False


_ALL = (
    Sheet(
        act=ApprovalAction.ASK,
        title="Ask {requester} a question",
        effect="The approval goes on waiting. {requester} answers on the page of the case, and you see it here.",
        words="Your question",
        button="Ask {requester}",
    ),
    Sheet(
        act=ApprovalAction.DELEGATE,
        title="Ask a colleague for a recommendation",
        effect="Your colleague sees the request and recommends a yes or a no. The final word stays with you.",
        person="Who should look at it",
        words="What should they look at",
        optional=True,
        button="Ask for a recommendation",
    ),
    Sheet(
        act=ApprovalAction.TAKE_BACK,
        title="Take it back",
        effect="You no longer wait for the recommendation. It stays in your inbox, as it was.",
        button="Take it back",
    ),
    Sheet(
        act=ApprovalAction.ADVISE,
        title="Recommend, and give it back",
        effect="A recommendation is no vote: whoever asked you reads it and has the final word.",
        words="Why",
        advice=True,
        button="Give it back",
    ),
    Sheet(
        act=ApprovalAction.REASSIGN,
        title="Hand this decision to someone else",
        effect="The other person decides in your place. It leaves your inbox, and the case says who gave it to whom.",
        person="Who should decide",
        words="Why",
        optional=True,
        whose=True,
        button="Hand it over",
    ),
    Sheet(
        act=ApprovalAction.ADD_APPROVER,
        title="Add one more approver",
        effect="One more person has to agree: the number of yeses that are needed grows by one.",
        person="Who has to agree too",
        words="Why",
        optional=True,
        button="Add this approver",
    ),
    Sheet(
        act=ApprovalAction.OVERRIDE,
        title="Decide instead of those who were asked",
        effect="The verdict is yours alone. Everybody who was asked is told, and the case is marked for ever.",
        words="Why you decide instead of them",
        verdict=True,
        danger=True,
        button="Decide instead of them",
    ),
    Sheet(
        act=ApprovalAction.UNDO,
        title="Take your answer back",
        effect="Nothing has run because of it yet. It is open again, as it was before, and everybody is told.",
        button="Take it back",
    ),
)
SHEETS = {sheet.act: sheet for sheet in _ALL}


async def perform(act: ApprovalAction, state: WebState, approval_id: UUID, form: Form, by: Actor) -> str:
    """Call the use case of this act; what to say afterwards."""
    return await _PERFORM[act](state, approval_id, form, by)


def _chosen(form: Form) -> str:
    if not form.get("person"):
        raise NobodyChosen
    return form["person"][:60]


async def _ask(state: WebState, approval_id: UUID, form: Form, by: Actor) -> str:
    await ask_question(state.database, state.processes, approval_id, form.get("words", ""), by=by)
    return "Your question is on its way. The approval goes on waiting."


async def _delegate(state: WebState, approval_id: UUID, form: Form, by: Actor) -> str:
    await request_advice(state.database, state.processes, approval_id, _chosen(form), form.get("words", ""), by=by)
    return "Asked for a recommendation. The final word stays with you."


async def _take_back(state: WebState, approval_id: UUID, form: Form, by: Actor) -> str:  # noqa: ARG001 - as the others
    await withdraw_advice(state.database, state.processes, approval_id, by=by)
    return "Taken back."


async def _advise(state: WebState, approval_id: UUID, form: Form, by: Actor) -> str:
    choice = form.get("advice", "")
    if choice not in set(DecisionKind):
        raise NothingChosen
    await give_advice(state.database, state.processes, approval_id, DecisionKind(choice), form.get("words", ""), by=by)
    return "Your recommendation is given back."


async def _reassign(state: WebState, approval_id: UUID, form: Form, by: Actor) -> str:
    words, whose = form.get("words", ""), form.get("whose", "")[:60]
    await reassign(state.database, state.processes, approval_id, _chosen(form), words, by=by, whose=whose)
    return "Handed over."


async def _add_approver(state: WebState, approval_id: UUID, form: Form, by: Actor) -> str:
    await add_approver(state.database, state.processes, approval_id, _chosen(form), form.get("words", ""), by=by)
    return "Added. One more yes is needed now."


async def _override(state: WebState, approval_id: UUID, form: Form, by: Actor) -> str:
    choice, version = form.get("verdict", ""), form.get("version", "")
    if choice not in set(DecisionKind) or not version.isdecimal():
        raise NothingChosen("Choose what you decide.")
    given = (DecisionKind(choice), int(version[:9]), form.get("words", ""))
    await override(state.database, state.processes, approval_id, *given, by=by, channel=Channel.PAGE)
    return "Decided, and marked as an override."


async def _undo(state: WebState, approval_id: UUID, form: Form, by: Actor) -> str:  # noqa: ARG001 - as the others
    await retract(state.database, state.processes, approval_id, by=by)
    return "Taken back. It is open again."


_PERFORM: dict[ApprovalAction, Callable[[WebState, UUID, Form, Actor], Awaitable[str]]] = {
    ApprovalAction.ASK: _ask,
    ApprovalAction.DELEGATE: _delegate,
    ApprovalAction.TAKE_BACK: _take_back,
    ApprovalAction.ADVISE: _advise,
    ApprovalAction.REASSIGN: _reassign,
    ApprovalAction.ADD_APPROVER: _add_approver,
    ApprovalAction.OVERRIDE: _override,
    ApprovalAction.UNDO: _undo,
}
