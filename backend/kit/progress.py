"""How far a case is, in business words."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel


class MilestoneState(StrEnum):
    """Where a milestone stands."""

    DONE = "done"
    NOW = "now"
    TO_COME = "to_come"
    BACK = "back"
    FAILED = "failed"
    NOT_NEEDED = "not_needed"


class Milestone(BaseModel):
    """A step of the case: who has or had it, and since when."""

    key: str
    label: str
    state: MilestoneState = MilestoneState.TO_COME
    who: str = ""
    detail: str = ""
    since: datetime | None = None
    done_at: datetime | None = None


class Turn(BaseModel):
    """Whose turn it is, until when, and what happens if nobody answers."""

    who: str
    since: datetime
    until: datetime | None = None
    rule: str = ""
    if_nobody: str = ""
    approval_id: str | None = None


class Progress(BaseModel):
    """The answer of the `progress` query, and what the read model keeps of it."""

    milestones: list[Milestone] = []
    turn: Turn | None = None
    sentence: str = ""
    recalling: bool = False

    def milestone(self, key: str) -> Milestone:
        """The milestone with this key; KeyError if the process has none."""
        for milestone in self.milestones:
            if milestone.key == key:
                return milestone
        raise KeyError(key)
