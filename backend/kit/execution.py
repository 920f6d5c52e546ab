"""The states of a case and of the Temporal execution behind it."""

from typing import Self

from backend.kit.i18n import N_
from backend.kit.look import Look, VisibleState


class ExecutionStatus(VisibleState):
    """A case is queued until its execution has started; then it has the status of the execution."""

    QUEUED = "queued", Look(N_("Queued"), "clock")
    RUNNING = "running", Look(N_("Running"), "player-play", "go")
    COMPLETED = "completed", Look(N_("Completed"), "check", "ok")
    CANCELLED = "cancelled", Look(N_("Cancelled"), "x")
    FAILED = "failed", Look(N_("Failed"), "alert-circle", "bad")
    TERMINATED = "terminated", Look(N_("Terminated"), "alert-circle", "bad")
    TIMED_OUT = "timed_out", Look(N_("Timed out"), "alert-circle", "bad")
    CONTINUED_AS_NEW = "continued_as_new", Look(N_("Continued"), "chevron-right")
    PAUSED = "paused", Look(N_("Paused"), "clock", "warn")

    @classmethod
    def named(cls, name: str) -> Self:
        """The status that Temporal calls by this name, such as `TIMED_OUT` or `CANCELED`."""
        word = name.lower()
        return cls("cancelled" if word == "canceled" else word)


class EventResult(VisibleState):
    """How a group of history events ended, or what it is doing."""

    COMPLETED = "Completed", Look(N_("Completed"), "check", "ok")
    ACCEPTED = "Accepted", Look(N_("Accepted"), "check", "ok")
    STARTED = "Started", Look(N_("Started"), "check", "ok")
    RUNNING = "Running", Look(N_("Running"), "player-play", "go")
    SCHEDULED = "Scheduled", Look(N_("Scheduled"), "clock", "go")
    WAITING = "Waiting", Look(N_("Waiting"), "clock", "go")
    FAILED = "Failed", Look(N_("Failed"), "alert-circle", "bad")
    TIMED_OUT = "Timed out", Look(N_("Timed out"), "alert-circle", "bad")
    TERMINATED = "Terminated", Look(N_("Terminated"), "alert-circle", "bad")
    CANCELLED = "Cancelled", Look(N_("Cancelled"), "clock")
    FIRED = "Fired", Look(N_("Fired"), "clock")
    NOT_NEEDED = "Not needed", Look(N_("Not needed"), "clock")

    @classmethod
    def look_of(cls, word: str) -> Look:
        """The look of this result; a neutral one for words that Temporal may add."""
        return cls(word).look if word in set(cls) else Look(word, "clock")
