"""How far a case is, in business words."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel

from backend.kit.action import OfferedAction


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


class LeftOpen(BaseModel):
    """Something that should have been undone and could not be: somebody has to do it by hand."""

    what: str
    key: str = ""
    why: str = ""


class PageLink(BaseModel):
    """Where something that came of the case can be seen: a page of ours by its route, and what its path needs."""

    label: str
    page: str
    parts: dict[str, str] = {}


class Milestones(BaseModel):
    """Steps in their order, and one sentence on where things stand."""

    milestones: list[Milestone] = []
    sentence: str = ""

    def milestone(self, key: str) -> Milestone:
        """The milestone with this key; KeyError if there is none."""
        for milestone in self.milestones:
            if milestone.key == key:
                return milestone
        raise KeyError(key)

    def working(self, key: str, sentence: str, at: datetime) -> None:
        """It is the system's turn at this milestone."""
        milestone = self.milestone(key)
        milestone.state, milestone.since = MilestoneState.NOW, at
        self.sentence = sentence
        self._nobodys_turn()

    def done(self, key: str, at: datetime, detail: str = "", who: str = "") -> None:
        """This milestone is behind us."""
        self._mark(key, MilestoneState.DONE, at, detail, who)

    def back(self, key: str, at: datetime, detail: str = "", who: str = "") -> None:
        """This milestone sent the case back."""
        self._mark(key, MilestoneState.BACK, at, detail, who)

    def failed(self, key: str, at: datetime, detail: str = "", who: str = "") -> None:
        """It ended at this milestone."""
        self._mark(key, MilestoneState.FAILED, at, detail, who)

    def nothing_more(self) -> None:
        """What has not begun never will."""
        for milestone in self.milestones:
            if milestone.state in {MilestoneState.TO_COME, MilestoneState.NOW}:
                milestone.state = MilestoneState.NOT_NEEDED

    def _mark(self, key: str, state: MilestoneState, at: datetime, detail: str, who: str) -> None:
        milestone = self.milestone(key)
        milestone.state, milestone.done_at, milestone.detail = state, at, detail
        milestone.who = who or milestone.who
        self._nobodys_turn()

    def _nobodys_turn(self) -> None:
        """For those who know whose turn it is."""


class ChildProgress(Milestones):
    """How far a part of the case is: what its child workflow last told. `left` is what somebody has to undo by hand."""

    key: str
    label: str
    state: MilestoneState = MilestoneState.NOW
    workflow_id: str = ""
    left: list[str] = []

    def stop(self, state: MilestoneState, sentence: str, at: datetime) -> None:
        """It ended before its time, at the milestone that it was at."""
        for milestone in self.milestones:
            if milestone.state is MilestoneState.NOW:
                milestone.state, milestone.done_at = state, at
        self.nothing_more()
        self.state, self.sentence = state, sentence


class Progress(Milestones):
    """The answer of the `progress` query, and what the read model keeps of it."""

    turn: Turn | None = None
    subject: str = ""
    recalling: bool = False
    actions: list[OfferedAction] = []
    children: list[ChildProgress] = []
    links: list[PageLink] = []
    left_open: list[LeftOpen] = []

    def asking(self, key: str, turn: Turn, subject: str) -> None:
        """It is somebody's turn at this milestone."""
        milestone = self.milestone(key)
        milestone.state, milestone.who, milestone.since = MilestoneState.NOW, turn.who, turn.since
        self.turn, self.subject = turn, subject
        self.sentence = f"{turn.who} {'have' if ' and ' in turn.who else 'has'} to approve {subject}"

    def passed_on(self, turn: Turn) -> bool:
        """The same approval has other people now; False if it is not this approval's turn."""
        if self.turn is None or self.turn.approval_id != turn.approval_id:
            return False
        for milestone in self.milestones:
            if milestone.state is MilestoneState.NOW:
                self.asking(milestone.key, turn.model_copy(update={"since": self.turn.since}), self.subject)
        return True

    def take_up(self, fresh: list[Milestone]) -> None:
        """The milestones as the corrected form has them; those that are known keep their state."""
        known = {milestone.key: milestone for milestone in self.milestones}
        self.milestones = [known.get(milestone.key, milestone) for milestone in fresh]

    def stuck(self, at: datetime, detail: str) -> None:
        """The case ended at the milestone it was at."""
        for milestone in self.milestones:
            if milestone.state is MilestoneState.NOW:
                self.failed(milestone.key, at, detail)

    def offered(self, key: str) -> OfferedAction | None:
        """The offer of this action; None if it is not offered now."""
        return next((offer for offer in self.actions if offer.key == key), None)

    def close_offer(self, number: int) -> None:
        """None of these alternatives can be chosen any more."""
        self.actions = [action for action in self.actions if action.offer != number]

    def put_child(self, child: ChildProgress) -> None:
        """What a child says now, at its place."""
        keys = [each.key for each in self.children]
        place = keys.index(child.key) if child.key in keys else len(keys)
        self.children[place : place + 1] = [child]

    def over(self, sentence: str) -> None:
        """Nobody has to do anything any more, and what has not begun never will."""
        self.turn, self.sentence, self.actions = None, sentence, []
        self.nothing_more()

    def _nobodys_turn(self) -> None:
        self.turn = None
