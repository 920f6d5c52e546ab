"""The expected state of one purchase: approvers, decisions and the activity."""

from dataclasses import dataclass, field

REQUESTER, ADMIN = "ann", "root"
FINANCE = frozenset({"finn", "fay"})
PEOPLE = ("ann", "mona", "finn", "fay", "olga", "hugo", "root")
LEVELS = (("manager", frozenset({"mona"}), 1), ("finance", FINANCE, 2))
STATES = {"approve": "approved", "reject": "rejected", "send_back": "sent_back"}
OK = ""


@dataclass
class Level:
    """One approval: its seats, its decisions by seat, and whether the workflow has its verdict."""

    step: str
    round: int
    seats: set[str]
    needed: int
    excluded: set[str]
    before: set[str] = field(default_factory=set)
    id: str = ""
    gone: set[str] = field(default_factory=set)
    votes: dict[str, tuple[str, str, int]] = field(default_factory=dict)
    advice: dict[str, str] = field(default_factory=dict)
    state: str = "open"
    decided_by: str = ""
    undoable: bool = False
    overridden: bool = False

    @property
    def able(self) -> set[str]:
        """The approvers who were not left out, and approved no other step."""
        return self.seats - self.gone - self.excluded - self.before

    @property
    def voters(self) -> set[str]:
        """Everyone who decided, and everyone for whom a substitute did."""
        return {person for person, _, _ in self.votes.values()} | set(self.votes)


@dataclass
class Model:
    """The whole case."""

    version: int = 1
    place: int = 0
    round: int = 1
    status: str = "running"
    recalled: bool = False
    editors: dict[str, str] = field(default_factory=dict)
    stands_in: dict[str, str] = field(default_factory=dict)
    named: set[str] = field(default_factory=set)
    levels: list[Level] = field(default_factory=list)
    told: list[str] = field(default_factory=lambda: ["sent"])

    def __post_init__(self) -> None:
        self.open_level()

    @property
    def level(self) -> Level:
        """The latest approval."""
        return self.levels[-1]

    def open_level(self) -> None:
        """Open the approval of the next level."""
        step, seats, needed = LEVELS[self.place]
        excluded, before = {REQUESTER, *self.editors}, self.approved_elsewhere(self.round)
        able = seats - excluded - before
        quorum = needed if step == "manager" else max(len(able), 1)
        self.levels.append(Level(step, self.round, set(seats), quorum, excluded, before))
        self.named |= seats
        if self.recalled:
            self.level.state = "withdrawn"
        else:
            self.told.append("asked")

    def approved_elsewhere(self, number: int, except_for: Level | None = None) -> set[str]:
        """Everyone who approved another step in this round, and everyone for whom a substitute did."""
        others = [each for each in self.levels if each.round == number and each is not except_for]
        votes = [(seat, vote) for each in others for seat, vote in each.votes.items()]
        return {who for seat, vote in votes if vote[1] in {"approve", "override"} for who in (seat, vote[0])}

    @property
    def elsewhere(self) -> set[str]:
        """The same for the latest approval."""
        return self.approved_elsewhere(self.level.round, self.level)

    def involved(self) -> set[str]:
        """The requester and other editors."""
        return {REQUESTER} | {who for who, where in self.editors.items() if where != self.level.id}

    def sees(self, who: str) -> bool:
        """Everyone who can see the case: requester, everyone named, and substitutes of approvers."""
        if who in {REQUESTER, ADMIN} or who in FINANCE or who in self.named:
            return True
        deciding = set().union(*(each.seats - (each.gone - FINANCE) for each in self.levels))
        return any(sub == who and absent in deciding for absent, sub in self.stands_in.items())

    def seat_of(self, who: str) -> str:
        """The person's own seat, or that of the person they are the substitute of; empty without one."""
        open_seats = self.level.seats - self.level.gone
        if who in open_seats:
            return who
        covered = open_seats - self.level.before
        absent = [each for each, sub in self.stands_in.items() if sub == who and each in covered]
        absent.sort(key=lambda each: (each in self.involved(), each in self.level.votes))
        return next(iter(absent), "")

    def barred(self, who: str) -> str:
        """The error code if the person cannot decide; empty if they can."""
        level, seat = self.level, self.seat_of(who)
        if level.state != "open":
            return "already_decided"
        if {who, seat} & (self.involved() | level.excluded | self.elsewhere):
            return "four_eyes"
        if not seat:
            return "not_a_candidate"
        if {who, seat} & level.voters:
            return "already_decided"
        return OK

    def decide(self, who: str, choice: str, version: int) -> str:
        """Decide; the error code of a refusal."""
        former = next((vote for vote in self.level.votes.values() if vote[0] == who), None)
        if not self.sees(who):
            return "not_found"
        if former and former[1:] == (choice, version):
            return OK
        refused = self.barred(who) or ("stale_version" if version != self.version else OK)
        if not refused:
            self.level.votes[self.seat_of(who)] = (who, choice, version)
            self.told.append(STATES[choice])
            self.count(who, choice)
        return refused

    def count(self, who: str, choice: str) -> None:
        """One rejection or request for changes decides, or enough approvals."""
        yeses = sum(given == "approve" for _, given, _ in self.level.votes.values())
        if choice != "approve" or yeses >= self.level.needed:
            self.close(STATES[choice], who)
            self.level.undoable = True

    def close(self, state: str, who: str = "") -> None:
        """Close the level with this verdict."""
        self.level.state, self.level.decided_by = state, who
        self.level.advice = {}

    def say(self, who: str) -> str:
        """The error code if the person cannot reassign; empty if they can."""
        if not self.sees(who):
            return "not_found"
        if self.level.state != "open":
            return "already_decided"
        if who in self.involved():
            return "four_eyes"
        return OK if who == ADMIN else self.barred(who)

    def newcomer(self, who: str) -> str:
        """The error code if this person cannot become an approver; empty if they can."""
        return self.adviser(who) or ("four_eyes" if who in self.elsewhere else OK)

    def adviser(self, who: str) -> str:
        """The error code if this person cannot be asked for advice; empty if they can."""
        if who in self.involved() | self.level.excluded:
            return "four_eyes"
        if who in self.level.able or who in {person for person, _, _ in self.level.votes.values()}:
            return "unsuitable_person"
        return OK

    def take_seat(self, who: str) -> None:
        """Give a seat to this person."""
        self.level.seats.add(who)
        self.level.gone.discard(who)
        self.named.add(who)
