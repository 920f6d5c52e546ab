"""One person's decision, from the form, program or email that it came by to the row that records it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from backend.cases.core.comments import MAX_COMMENT
from backend.cases.core.errors import CommentTooLong
from backend.kit.approval import DecisionKind

OWN, OVERRIDE, KEPT = "own", "override", "kept"


class Channel(StrEnum):
    """How a decision came."""

    PAGE = "page"
    API = "api"
    BULK = "bulk"
    LINK = "link"


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What a person decides, and the version of the form that was on their screen.

    `option` is the button of a process that has its own, `extra` the fields that come with the decision, `link` the
    email whose personal link was used, `acting_for` the absent approver whom a substitute replaces. The page offers to
    undo it for `undo_within`, or for longer if the policy of the approval allows that.
    """

    kind: DecisionKind
    version: int
    channel: Channel
    comment: str = ""
    option: str = ""
    extra: Mapping[str, Any] | None = field(default_factory=dict)
    link: UUID | None = None
    acting_for: str | None = None
    overrides: bool = False
    undo_within: timedelta = timedelta(0)

    def __post_init__(self) -> None:
        """CommentTooLong for a comment that cannot be stored."""
        if len(self.comment) > MAX_COMMENT:
            raise CommentTooLong
