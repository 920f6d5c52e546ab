"""How far a case is, in business words."""

from datetime import datetime

from pydantic import BaseModel

from backend.kit.action import OfferedAction
from backend.kit.i18n import N_
from backend.kit.look import Look, VisibleState

NO_APPROVER = N_("No eligible approver")


class MilestoneState(VisibleState):
    """How far a milestone or a part of the case is."""

    DONE = "done", Look(N_("Done"), "check", "ok")
    NOW = "now", Look(N_("In progress"), "player-play", "go")
    TO_COME = "to_come", Look(N_("Not started"), "clock")
    BACK = "back", Look(N_("Changes requested"), "arrow-back-up", "warn")
    FAILED = "failed", Look(N_("Failed"), "alert-circle", "bad")
    NOT_NEEDED = "not_needed", Look(N_("Undone"), "arrow-back-up")


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
    """Who the case waits for, until when, and what happens if nobody decides."""

    who: str
    since: datetime
    until: datetime | None = None
    rule: str = ""
    if_nobody: str = ""
    approval_id: str | None = None


class LeftOpen(BaseModel):
    """Something that should have been undone and could not be: it has to be done manually."""

    what: str
    key: str = ""
    why: str = ""


class RowNote(BaseModel):
    """What people should know about one row of a table of the form, such as “1 of 2 is missing”."""

    field: str
    row: int
    text: str


class PageLink(BaseModel):
    """A page of the desk with a result of the case: its route, and the parts of its path."""

    label: str
    page: str
    parts: dict[str, str] = {}


class Milestones(BaseModel):
    """Steps in their order, and one sentence on the current state."""

    milestones: list[Milestone] = []
    sentence: str = ""

    def milestone(self, key: str) -> Milestone:
        """The milestone with this key; KeyError if there is none."""
        for milestone in self.milestones:
            if milestone.key == key:
                return milestone
        raise KeyError(key)

    def begin(self, key: str, sentence: str, at: datetime) -> None:
        """The system works on this milestone now."""
        milestone = self.milestone(key)
        milestone.state, milestone.since = MilestoneState.NOW, at
        self.sentence = sentence
        self._clear_turn()

    def done(self, key: str, at: datetime, detail: str = "", who: str = "") -> None:
        """This milestone is done."""
        self._mark(key, MilestoneState.DONE, at, detail, who)

    def sent_back(self, key: str, at: datetime, detail: str = "", who: str = "") -> None:
        """Changes were requested at this milestone."""
        self._mark(key, MilestoneState.BACK, at, detail, who)

    def failed(self, key: str, at: datetime, detail: str = "", who: str = "") -> None:
        """The case ended at this milestone."""
        self._mark(key, MilestoneState.FAILED, at, detail, who)

    def skip_the_rest(self) -> None:
        """Milestones that are not done are no longer needed."""
        for milestone in self.milestones:
            if milestone.state in {MilestoneState.TO_COME, MilestoneState.NOW}:
                milestone.state = MilestoneState.NOT_NEEDED

    def _mark(self, key: str, state: MilestoneState, at: datetime, detail: str, who: str) -> None:
        milestone = self.milestone(key)
        milestone.state, milestone.done_at, milestone.detail = state, at, detail
        milestone.who = who or milestone.who
        self._clear_turn()

    def _clear_turn(self) -> None:
        """For progress that knows who the case waits for."""


class ChildProgress(Milestones):
    """How far a part of the case is, as its child workflow last reported. `left` has to be undone manually."""

    key: str
    label: str
    state: MilestoneState = MilestoneState.NOW
    workflow_id: str = ""
    left: list[str] = []

    def stop(self, state: MilestoneState, sentence: str, at: datetime) -> None:
        """It stopped early, at its current milestone."""
        for milestone in self.milestones:
            if milestone.state is MilestoneState.NOW:
                milestone.state, milestone.done_at = state, at
        self.skip_the_rest()
        self.state, self.sentence = state, sentence


def _waits_for(who: str) -> str:
    if who == NO_APPROVER:
        return N_("No eligible approver for {subject}")
    return N_("{names} have to approve {subject}") if " and " in who else N_("{names} has to approve {subject}")


class Progress(Milestones):
    """The answer of the `progress` query, and what the read model keeps of it."""

    turn: Turn | None = None
    subject: str = ""
    recalling: bool = False
    actions: list[OfferedAction] = []
    children: list[ChildProgress] = []
    links: list[PageLink] = []
    left_open: list[LeftOpen] = []
    row_notes: list[RowNote] = []

    def wait_for(self, key: str, turn: Turn, subject: str) -> None:
        """This milestone waits for approvers."""
        milestone = self.milestone(key)
        milestone.state, milestone.who, milestone.since = MilestoneState.NOW, turn.who, turn.since
        self.turn, self.subject = turn, subject
        self.sentence = _waits_for(turn.who).format(names=turn.who, subject=subject)

    @property
    def is_back(self) -> bool:
        """Whether it waits for the requester to change what was sent."""
        return self.turn is None and any(each.state is MilestoneState.BACK for each in self.milestones)

    def reassigned(self, turn: Turn) -> bool:
        """The same approval has other approvers now; False if the case does not wait for this approval."""
        if self.turn is None or self.turn.approval_id != turn.approval_id:
            return False
        for milestone in self.milestones:
            if milestone.state is MilestoneState.NOW:
                self.wait_for(milestone.key, turn.model_copy(update={"since": self.turn.since}), self.subject)
        return True

    def replace_milestones(self, fresh: list[Milestone]) -> None:
        """The milestones of a corrected form; those that are known keep their state."""
        known = {milestone.key: milestone for milestone in self.milestones}
        self.milestones = [known.get(milestone.key, milestone) for milestone in fresh]

    def fail_current(self, at: datetime, detail: str) -> None:
        """The case ended at its current milestone."""
        for milestone in self.milestones:
            if milestone.state is MilestoneState.NOW:
                self.failed(milestone.key, at, detail)

    def offered(self, key: str) -> OfferedAction | None:
        """The offer of this action; None if it is not offered now."""
        return next((offer for offer in self.actions if offer.key == key), None)

    def close_offer(self, number: int) -> None:
        """None of these actions can be taken any more."""
        self.actions = [action for action in self.actions if action.offer != number]

    def put_child(self, child: ChildProgress) -> None:
        """Replace what a child reported before."""
        keys = [each.key for each in self.children]
        place = keys.index(child.key) if child.key in keys else len(keys)
        self.children[place : place + 1] = [child]

    def finish(self, sentence: str) -> None:
        """The case has ended: it waits for nobody, and open milestones are no longer needed."""
        self.turn, self.sentence, self.actions = None, sentence, []
        self.skip_the_rest()

    def _clear_turn(self) -> None:
        self.turn = None
