"""The events that people are notified of, each with its headline."""

import re
from collections.abc import Mapping
from enum import StrEnum

from backend.kit.decision import ApprovalState
from backend.kit.i18n import N_


class NotificationEvent(StrEnum):
    """An event of a case that somebody is notified of."""

    REQUESTED = "requested"
    REMINDED = "reminded"
    LAST_REMINDER = "last_reminder"
    ESCALATED = "escalated"
    DECIDED = "decided"
    SENT_BACK = "sent_back"
    QUESTION = "question"
    ANSWERED = "answered"
    RECALLED = "recalled"
    HANDED_OVER = "handed_over"
    TAKEN_OVER = "taken_over"
    UNDONE = "undone"
    OVERRIDDEN = "overridden"
    ENDED = "ended"
    ATTENTION = "attention"
    COMING = "coming"
    DIGEST = "digest"
    INVITED = "invited"
    RESET = "reset"


# These ask somebody to decide: once the approval is closed, there is nothing left to send.
REQUEST_EVENTS = frozenset(
    {
        NotificationEvent.REQUESTED,
        NotificationEvent.REMINDED,
        NotificationEvent.LAST_REMINDER,
        NotificationEvent.ESCALATED,
        NotificationEvent.HANDED_OVER,
    }
)

# These carry a one-time link to set a password.
PASSWORD_EVENTS = frozenset({NotificationEvent.INVITED, NotificationEvent.RESET})

# These link to the case; the others to the approval, if they are about one.
CASE_EVENTS = frozenset(
    {
        NotificationEvent.DECIDED,
        NotificationEvent.SENT_BACK,
        NotificationEvent.RECALLED,
        NotificationEvent.ENDED,
        NotificationEvent.ATTENTION,
        NotificationEvent.COMING,
        NotificationEvent.DIGEST,
    }
)

_HEADLINES = {
    NotificationEvent.REQUESTED: N_("{title} needs your approval"),
    NotificationEvent.REMINDED: N_("Reminder: {title} needs your approval"),
    NotificationEvent.LAST_REMINDER: N_("Last reminder: {title} needs your approval"),
    NotificationEvent.ESCALATED: N_("Escalated: {title} has not been decided yet"),
    NotificationEvent.SENT_BACK: N_("{title} needs changes"),
    NotificationEvent.QUESTION: N_("{name} asked a question about {title}"),
    NotificationEvent.ANSWERED: N_("{name} answered a question about {title}"),
    NotificationEvent.RECALLED: N_("{title} was withdrawn"),
    NotificationEvent.HANDED_OVER: N_("{name} reassigned {title} to you"),
    NotificationEvent.TAKEN_OVER: N_("{name} took over {title} from you"),
    NotificationEvent.UNDONE: N_("{name} undid a decision on {title}"),
    NotificationEvent.ENDED: N_("{title} has ended"),
    NotificationEvent.ATTENTION: N_("{title} needs attention"),
    NotificationEvent.COMING: N_("{title} is coming up"),
    NotificationEvent.DIGEST: N_("Your digest"),
    NotificationEvent.INVITED: N_("You are invited to Countersign"),
    NotificationEvent.RESET: N_("Set a new password for Countersign"),
}
_DECIDED: Mapping[str, str] = {
    ApprovalState.APPROVED: N_("{title} was approved"),
    ApprovalState.REJECTED: N_("{title} was rejected"),
    ApprovalState.SENT_BACK: N_("Changes were requested for {title}"),
    ApprovalState.EXPIRED: N_("{title} was not decided in time"),
    ApprovalState.WITHDRAWN: N_("{title} was withdrawn"),
    ApprovalState.NOT_NEEDED: N_("{title} no longer needs a decision"),
}
_DECIDED_BY: Mapping[str, str] = {
    ApprovalState.APPROVED: N_("{title} was approved by {name}"),
    ApprovalState.REJECTED: N_("{title} was rejected by {name}"),
    ApprovalState.SENT_BACK: N_("{name} requested changes to {title}"),
}
_OVERRIDDEN: Mapping[str, str] = {
    ApprovalState.APPROVED: N_("{name} overrode the decision: {title} was approved"),
    ApprovalState.REJECTED: N_("{name} overrode the decision: {title} was rejected"),
}


# Line breaks of every kind, control characters, and marks that change the direction of text.
_UNRULY = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]+")
LONGEST = 160


def without_breaks(words: str) -> str:
    """User input as one line that cannot pretend to be more than one."""
    return _UNRULY.sub(" ", words).strip()


def one_line(words: str) -> str:
    """The same, cut to the length of a headline."""
    line = without_breaks(words)
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def headline(event: NotificationEvent, *, title: str, verdict: str = "", by: str = "") -> str:
    """One sentence for lists and for the subject of an email."""
    sentence = _sentence(event, verdict, by).format(title=one_line(title), name=one_line(by) or N_("Somebody"))
    return sentence[:1].upper() + sentence[1:]


def _sentence(event: NotificationEvent, verdict: str, by: str) -> str:
    if event is NotificationEvent.OVERRIDDEN:
        return _OVERRIDDEN.get(verdict, N_("{name} overrode the decision on {title}"))
    if event is NotificationEvent.DECIDED:
        unnamed = _DECIDED.get(verdict, N_("{title} was decided"))
        return _DECIDED_BY.get(verdict, unnamed) if by else unnamed
    return _HEADLINES[event]
