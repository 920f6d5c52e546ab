"""A purchase that is changed over HTTP and in the model at the same time."""

from collections import Counter
from typing import Any, ClassVar
from uuid import uuid4

from hypothesis.stateful import RuleBasedStateMachine, invariant

from backend.cases.lifecycle.submission import Source, Submission, open_case
from backend.processes import by_key
from tests.model.approval_model import ADMIN, LEVELS, OK, PEOPLE, REQUESTER, Model
from tests.model.house import House
from tests.model.workflow_by_hand import WorkflowByHand
from tests.support.cast import person
from tests.support.purchases import purchase

Lot = tuple[int, str]
CENTRES = ("4200", "3100", "1000")


class OnePurchase(RuleBasedStateMachine):
    """One purchase, its model, and the invariants after every step."""

    house: ClassVar[House]

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()
        self.house.run(self._open())
        self.substitutions: dict[str, str] = {}
        self.centre = CENTRES[0]
        self.changed = False
        self._note_level()

    async def _open(self) -> None:
        process, ann = by_key()["purchase_approval"], await person(self.house.database, REQUESTER)
        form = process.input.model_validate(purchase("12000.00"))
        async with self.house.database.transaction("default") as session:
            key = str(uuid4())
            opened = await open_case(session, Submission(process, form, source=Source.API, key=key, by=ann))
        self.case = opened.case
        self.workflow = WorkflowByHand(self.house.database, self.case)
        assert await self.workflow.hear() == ["start"]

    def _note_level(self) -> None:
        """The id of the latest approval."""
        listed = self.house.call(ADMIN, "GET", f"/approvals?case={self.case.reference}&limit=200").json()["items"]
        known = {level.id for level in self.model.levels}
        fresh = [item["id"] for item in listed if item["id"] not in known]
        if not self.model.level.id:
            assert len(fresh) == 1, (fresh, known)
            self.model.level.id = fresh[0]

    def act(self, who: str, name: str, expected: str, **body: Any) -> bool:
        """Send a request and expect the response of the model; True if it succeeded."""
        answer = self.house.call(who, "POST", f"/approvals/{self.model.level.id}/{name}", **body)
        said = OK if answer.status_code == 200 else answer.json()["code"]
        assert said == expected, (who, name, body, answer.text)
        return said == OK

    def pick(self, lot: Lot) -> str:
        """Pick a person, mostly one who can decide."""
        may = [each for each in PEOPLE if self.model.barred(each) == OK]
        return may[PEOPLE.index(lot[1]) % len(may)] if may and lot[0] < 7 else lot[1]

    def settle(self) -> None:
        """Advance the model once its workflow has every signal."""
        model, level = self.model, self.model.level
        level.undoable = False
        if model.status == "over":
            return
        if model.recalled or level.state in {"rejected", "expired"}:
            model.status = "over"
        elif level.state == "sent_back" and self.changed:
            self.changed, model.place, model.round = False, 0, model.round + 1
            model.open_level()
        elif level.state == "approved":
            model.place += 1
            if model.place == len(LEVELS):
                model.status = "over"
            else:
                model.open_level()
        self._note_level()

    @invariant()
    def the_approval_is_as_the_model_says(self) -> None:
        level = self.model.level
        seen = self.house.call(ADMIN, "GET", f"/approvals/{level.id}").json()
        votes = {vote["acting_for"] or vote["by"]: vote["by"] for vote in seen["votes"]}
        assert (seen["state"], votes) == (level.state, {seat: vote[0] for seat, vote in level.votes.items()})
        assert len(seen["votes"]) == len({vote["by"] for vote in seen["votes"]})
        assert REQUESTER not in votes.values()

    @invariant()
    def nothing_is_missing_from_the_journal(self) -> None:
        lines = self.house.call(ADMIN, "GET", f"/cases/{self.case.reference}/journal").json()
        kinds = Counter(line["kind"] for line in lines) - Counter(["ended"])
        assert kinds == Counter(self.model.told)

    def teardown(self) -> None:
        for absent in list(self.substitutions):
            where = f"/people/me/substitutes/{self.substitutions.pop(absent)}/end"
            self.house.call(absent, "POST", where)
