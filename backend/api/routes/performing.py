"""The sheets of the acts: what each says and asks for, and which use case it calls."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from backend.api.routes.core.state import WebState
from backend.cases.actor import Actor
from backend.cases.approvals.asking_back import ask_requester
from backend.cases.approvals.delegating import advise, delegate, take_back
from backend.cases.approvals.overriding import override
from backend.cases.approvals.possible_acts import Act
from backend.cases.approvals.reassigning import add_approver, hand_over
from backend.cases.approvals.undoing import undo
from backend.cases.approvals.voting import Channel
from backend.cases.errors import CaseError
from backend.kit.approval import Choice

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

    act: Act
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
        act=Act.ASK,
        title="Ask {requester} a question",
        effect="The approval goes on waiting. {requester} answers on the page of the case, and you see it here.",
        words="Your question",
        button="Ask {requester}",
    ),
    Sheet(
        act=Act.DELEGATE,
        title="Ask a colleague for a recommendation",
        effect="Your colleague sees the request and recommends a yes or a no. The final word stays with you.",
        person="Who should look at it",
        words="What should they look at",
        optional=True,
        button="Ask for a recommendation",
    ),
    Sheet(
        act=Act.TAKE_BACK,
        title="Take it back",
        effect="You no longer wait for the recommendation. It stays in your inbox, as it was.",
        button="Take it back",
    ),
    Sheet(
        act=Act.ADVISE,
        title="Recommend, and give it back",
        effect="A recommendation is no vote: whoever asked you reads it and has the final word.",
        words="Why",
        advice=True,
        button="Give it back",
    ),
    Sheet(
        act=Act.REASSIGN,
        title="Hand this decision to someone else",
        effect="The other person decides in your place. It leaves your inbox, and the case says who gave it to whom.",
        person="Who should decide",
        words="Why",
        optional=True,
        whose=True,
        button="Hand it over",
    ),
    Sheet(
        act=Act.ADD_APPROVER,
        title="Add one more approver",
        effect="One more person has to agree: the number of yeses that are needed grows by one.",
        person="Who has to agree too",
        words="Why",
        optional=True,
        button="Add this approver",
    ),
    Sheet(
        act=Act.OVERRIDE,
        title="Decide instead of those who were asked",
        effect="The verdict is yours alone. Everybody who was asked is told, and the case is marked for ever.",
        words="Why you decide instead of them",
        verdict=True,
        danger=True,
        button="Decide instead of them",
    ),
    Sheet(
        act=Act.UNDO,
        title="Take your answer back",
        effect="Nothing has run because of it yet. It is open again, as it was before, and everybody is told.",
        button="Take it back",
    ),
)
SHEETS = {sheet.act: sheet for sheet in _ALL}


async def perform(act: Act, state: WebState, approval_id: UUID, form: Form, by: Actor) -> str:
    """Call the use case of this act; what to say afterwards."""
    return await _PERFORM[act](state, approval_id, form, by)


def _chosen(form: Form) -> str:
    if not form.get("person"):
        raise NobodyChosen
    return form["person"][:60]


async def _ask(state: WebState, approval_id: UUID, form: Form, by: Actor) -> str:
    await ask_requester(state.database, state.processes, approval_id, form.get("words", ""), by=by)
    return "Your question is on its way. The approval goes on waiting."


async def _delegate(state: WebState, approval_id: UUID, form: Form, by: Actor) -> str:
    await delegate(state.database, state.processes, approval_id, _chosen(form), form.get("words", ""), by=by)
    return "Asked for a recommendation. The final word stays with you."


async def _take_back(state: WebState, approval_id: UUID, form: Form, by: Actor) -> str:  # noqa: ARG001 - as the others
    await take_back(state.database, state.processes, approval_id, by=by)
    return "Taken back."


async def _advise(state: WebState, approval_id: UUID, form: Form, by: Actor) -> str:
    choice = form.get("advice", "")
    if choice not in set(Choice):
        raise NothingChosen
    await advise(state.database, state.processes, approval_id, Choice(choice), form.get("words", ""), by=by)
    return "Your recommendation is given back."


async def _reassign(state: WebState, approval_id: UUID, form: Form, by: Actor) -> str:
    words, whose = form.get("words", ""), form.get("whose", "")[:60]
    await hand_over(state.database, state.processes, approval_id, _chosen(form), words, by=by, whose=whose)
    return "Handed over."


async def _add_approver(state: WebState, approval_id: UUID, form: Form, by: Actor) -> str:
    await add_approver(state.database, state.processes, approval_id, _chosen(form), form.get("words", ""), by=by)
    return "Added. One more yes is needed now."


async def _override(state: WebState, approval_id: UUID, form: Form, by: Actor) -> str:
    choice, version = form.get("verdict", ""), form.get("version", "")
    if choice not in set(Choice) or not version.isdecimal():
        raise NothingChosen("Choose what you decide.")
    given = (Choice(choice), int(version[:9]), form.get("words", ""))
    await override(state.database, state.processes, approval_id, *given, by=by, channel=Channel.PAGE)
    return "Decided, and marked as an override."


async def _undo(state: WebState, approval_id: UUID, form: Form, by: Actor) -> str:  # noqa: ARG001 - as the others
    await undo(state.database, state.processes, approval_id, by=by)
    return "Taken back. It is open again."


_PERFORM: dict[Act, Callable[[WebState, UUID, Form, Actor], Awaitable[str]]] = {
    Act.ASK: _ask,
    Act.DELEGATE: _delegate,
    Act.TAKE_BACK: _take_back,
    Act.ADVISE: _advise,
    Act.REASSIGN: _reassign,
    Act.ADD_APPROVER: _add_approver,
    Act.OVERRIDE: _override,
    Act.UNDO: _undo,
}
