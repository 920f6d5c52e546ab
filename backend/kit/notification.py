"""What people are told about, each with the words it begins with."""

import re
from enum import StrEnum


class NotificationEvent(StrEnum):
    """Something that happened to a case and that somebody should hear of."""

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


# These ask somebody to answer an approval: once it is closed there is nothing left to tell.
REQUEST_EVENTS = frozenset(
    {
        NotificationEvent.REQUESTED,
        NotificationEvent.REMINDED,
        NotificationEvent.LAST_REMINDER,
        NotificationEvent.ESCALATED,
        NotificationEvent.HANDED_OVER,
    }
)

# These lead to the case; the others to the approval, if they are about one.
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

_WORDS = {
    NotificationEvent.REQUESTED: "{title} waits for you",
    NotificationEvent.REMINDED: "Reminder: {title} waits for you",
    NotificationEvent.LAST_REMINDER: "Last reminder: {title} waits for you",
    NotificationEvent.ESCALATED: "Nobody answered yet, so more people are asked: {title}",
    NotificationEvent.DECIDED: "{title} was {verdict}{by_whom}",
    NotificationEvent.SENT_BACK: "{title} was sent back to you",
    NotificationEvent.QUESTION: "{by} asks about {title}",
    NotificationEvent.ANSWERED: "{by} answered about {title}",
    NotificationEvent.RECALLED: "{title} was recalled",
    NotificationEvent.HANDED_OVER: "{by} handed {title} over to you",
    NotificationEvent.TAKEN_OVER: "{by} works on {title} now, in your place",
    NotificationEvent.UNDONE: "{by} took an answer back: {title}",
    NotificationEvent.OVERRIDDEN: "{title} was {verdict} by {by}, instead of those who were asked",
    NotificationEvent.ENDED: "{title} is over",
    NotificationEvent.ATTENTION: "{title} needs attention",
    NotificationEvent.COMING: "{title} comes near",
    NotificationEvent.DIGEST: "Your digest",
}
VERDICTS = {
    "approved": "approved",
    "rejected": "rejected",
    "sent_back": "sent back",
    "expired": "not answered in time",
    "withdrawn": "recalled",
    "not_needed": "closed without an answer",
}


# Line breaks of every kind, control characters, and marks that turn the direction of the text around.
_UNRULY = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]+")
LONGEST = 160


def one_line(words: str) -> str:
    """What somebody typed as one short line that cannot pretend to be more than one."""
    line = _UNRULY.sub(" ", words).strip()
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def headline(event: NotificationEvent, *, title: str, verdict: str = "", by: str = "") -> str:
    """One sentence that stands in a list and as the subject of a mail."""
    words = _WORDS[event].format(
        title=one_line(title),
        verdict=VERDICTS.get(verdict, "decided"),
        by=one_line(by) or "Somebody",
        by_whom=f" by {one_line(by)}" if by else "",
    )
    return words[:1].upper() + words[1:]
