"""Errors of use cases, each with its status, its stable code and a sentence for people."""

from collections.abc import Mapping
from typing import ClassVar


class CaseError(Exception):
    """A refusal. Nothing was changed."""

    status: ClassVar[int] = 409
    code: ClassVar[str] = "refused"
    retry_after: int | None = None  # seconds after which the same request may be accepted

    @property
    def sentence(self) -> str:
        """What the person reads."""
        return str(self.args[0]) if self.args else (self.__doc__ or "").strip()

    def __str__(self) -> str:
        return self.sentence


class InvalidInput(CaseError):
    """Some fields are not valid. Nothing was changed."""

    status = 422
    code = "validation_failed"

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("\n".join(problems.values()))
        self.problems = dict(problems)


class NotFound(CaseError):
    """This does not exist, or you do not have access to it."""

    status = 404
    code = "not_found"


class NotAllowed(CaseError):
    """You do not have permission to do this."""

    status = 403
    code = "not_allowed"


class KeyReused(CaseError):
    """This key was already used for another request. Nothing was accepted."""

    status = 422
    code = "idempotency_key_reused"


class KeyInProgress(CaseError):
    """The first request with this key is still being processed."""

    code = "in_progress"


class CommentNeeded(CaseError):
    """Rejecting or requesting changes needs a comment."""

    status = 422
    code = "comment_needed"


class CommentTooLong(CaseError):
    """A comment can have up to 4,000 characters."""

    status = 422
    code = "comment_too_long"


class TooManyComments(CaseError):
    """This case has reached the limit of 500 comments."""

    status = 429
    code = "too_many_comments"


class FileTooLarge(CaseError):
    """The file is too large."""

    status = 413
    code = "file_too_large"


class NoSpace(CaseError):
    """The server could not store this, maybe because its disk is full. Nothing was saved. Try again later."""

    status = 503
    code = "no_space"


class FileTypeRefused(CaseError):
    """Only PDF, PNG and JPEG files can be attached."""

    status = 422
    code = "file_type_refused"
