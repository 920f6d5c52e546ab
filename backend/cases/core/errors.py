"""What a use case may refuse, each with its status, its stable code and a sentence for people."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar


class CaseError(Exception):
    """A refusal. Nothing was changed."""

    status: ClassVar[int] = 409
    code: ClassVar[str] = "refused"

    @property
    def sentence(self) -> str:
        """What to tell the person."""
        return str(self.args[0]) if self.args else (self.__doc__ or "").strip()

    def __str__(self) -> str:
        return self.sentence


class NotFound(CaseError):
    """There is nothing here, or it is not yours to see."""

    status = 404
    code = "not_found"


class NotAllowed(CaseError):
    """You may not do this."""

    status = 403
    code = "not_allowed"


class KeyReused(CaseError):
    """This key was used for another request before. Nothing was accepted."""

    status = 422
    code = "idempotency_key_reused"


class KeyInProgress(CaseError):
    """The first request with this key is still being handled."""

    code = "in_progress"


@dataclass
class Difference:
    """One field that changed: what it was, what it is. A long text has `parts`: same, gone or new, and their words."""

    label: str
    before: str
    after: str
    parts: list[tuple[str, str]] = field(default_factory=list)


class AlreadyDecided(CaseError):
    """Somebody or something else closed this approval first."""

    code = "already_decided"

    def __init__(self, state: str, by: str, at: datetime | None) -> None:
        self.state, self.by, self.at = state, by, at
        super().__init__(f"Already decided: {by or 'the deadline'} {_PAST[state]}. Nothing was changed.")


_PAST = {
    "approved": "approved this",
    "rejected": "rejected this",
    "sent_back": "sent this back",
    "expired": "closed this",
    "withdrawn": "recalled this",
    "not_needed": "made this unnecessary",
}


class AnsweredBefore(AlreadyDecided):
    """It is still open, but this person's seat has its answer."""

    def __init__(self, *, own: bool, at: datetime | None) -> None:
        CaseError.__init__(self, f"{'You' if own else 'Whom you stand in for'} answered this already. {_STANDS}")
        self.state, self.by, self.at = "open", "", at


_STANDS = "That answer stands; nothing was changed."


class ClaimedByAnother(CaseError):
    """Somebody else works on this, and only they decide it. Take it over first."""

    code = "claimed_by_another"


class StaleVersion(CaseError):
    """The request changed since the page was opened; nothing was decided."""

    code = "stale_version"

    def __init__(self, version: int, differences: list[Difference]) -> None:
        self.version, self.differences = version, differences
        super().__init__("The request changed since you opened it; nothing was decided.")


class DeadlinePassed(CaseError):
    """The deadline is over; your answer was not recorded."""

    code = "deadline_passed"

    def __init__(self, deadline: datetime) -> None:
        self.deadline = deadline
        super().__init__("The deadline is over. Your answer was not recorded.")


class FourEyes(CaseError):
    """Whoever asked for this or changed it cannot decide it."""

    status = 403
    code = "four_eyes"


class NotACandidate(CaseError):
    """You are not asked for this decision."""

    status = 403
    code = "not_a_candidate"


class CommentNeeded(CaseError):
    """A no or a way back needs a reason."""

    status = 422
    code = "comment_needed"


class NotOffered(CaseError):
    """This answer is not offered here."""

    status = 422
    code = "not_offered"


class ExtraWrong(CaseError):
    """What this answer needs beside it is missing or wrong; nothing was decided."""

    status = 422
    code = "extra_wrong"

    def __init__(self, errors: dict[str, str]) -> None:
        self.errors = errors
        super().__init__("; ".join(f"{place}: {text}" for place, text in errors.items()))


class CommentTooLong(CaseError):
    """A comment holds up to 4,000 characters."""

    status = 422
    code = "comment_too_long"


class TooManyComments(CaseError):
    """This case has as many comments as it can hold, 500."""

    status = 429
    code = "too_many_comments"


class CaseClosed(CaseError):
    """This case is over; nothing can be changed any more."""

    code = "case_closed"


class ActionNotOffered(CaseError):
    """This is not possible now. Nothing was changed."""

    code = "action_not_offered"

    def __init__(self, reference: str, sentence: str) -> None:
        self.reference = reference
        super().__init__(sentence)


class NotSentBack(CaseError):
    """This request was not sent back, so it cannot be changed now."""

    code = "not_sent_back"


class FileTooLarge(CaseError):
    """The file is too large."""

    status = 413
    code = "file_too_large"


class FileTypeRefused(CaseError):
    """Only PDF, PNG and JPEG files can be attached."""

    status = 422
    code = "file_type_refused"


class AlreadyAnswered(CaseError):
    """This was answered already; the first answer stands."""

    code = "already_answered"


class TooManyQuestions(CaseError):
    """This approval has as many questions as it can hold, 50."""

    status = 429
    code = "too_many_questions"


class Unsuitable(CaseError):
    """This person cannot take it."""

    status = 422
    code = "unsuitable_person"


class AdviceAlreadyRequested(CaseError):
    """You wait for a recommendation already. Take it back first."""

    code = "already_delegated"


class NoAdviceRequested(CaseError):
    """You asked nobody for a recommendation here."""

    code = "not_delegated"


class NothingToRetract(CaseError):
    """You have given no answer here that could be taken back."""

    code = "nothing_to_undo"


class TooLateToRetract(CaseError):
    """It is too late to take this back; the process has gone on."""

    code = "too_late_to_undo"


class NotCorrectable(CaseError):
    """Only the fields that the policy names can be corrected here. Send the request back for anything else."""

    status = 422
    code = "not_correctable"


class NothingChanged(CaseError):
    """Nothing is different from what was asked for."""

    status = 422
    code = "nothing_changed"


class NotInBulk(CaseError):
    """This has to be decided by itself, not together with others."""

    code = "not_in_bulk"
