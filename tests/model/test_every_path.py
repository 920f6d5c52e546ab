"""Whatever people do in whatever order over HTTP, the desk says and keeps what a small model says.

No double vote, nobody decides their own, one verdict, and a journal in which nothing is missing.
"""

import asyncio
from collections import Counter
from collections.abc import Coroutine, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar, TypeVar
from uuid import uuid4

import httpx2
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from backend.api.main import create_app
from backend.cases.audit.verifying import verify
from backend.cases.opening import Source, Submission, open_case
from backend.cases.people.accounts import create_token
from backend.database.engine import Database
from backend.embedded.postgres import EmbeddedPostgres
from backend.processes import by_key
from tests.model.approval_model import ADMIN, LEVELS, OK, PEOPLE, REQUESTER, Model
from tests.model.workflow_by_hand import WorkflowByHand
from tests.support.cast import person
from tests.support.postgres import EMPTY, run_as_owner
from tests.support.purchases import purchase
from tests.support.web import visitor_of, web_settings

Result = TypeVar("Result")
ANYBODY = st.sampled_from(PEOPLE)
# A lot below seven falls on somebody who may, if there is anybody; the others on anybody.
LOT = st.tuples(st.integers(0, 9), ANYBODY)
Lot = tuple[int, str]
CHOICES = st.sampled_from(["approve", "approve", "approve", "reject", "send_back"])
CENTRES = ("4200", "3100", "1000")


@dataclass
class House:
    """The desk over HTTP, opened once for all cases; everybody has a token."""

    runner: asyncio.Runner
    database: Database
    clients: dict[str, httpx2.AsyncClient]

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Wait for it."""
        return self.runner.run(work)

    def call(self, who: str, method: str, path: str, **body: Any) -> httpx2.Response:
        """One request of this person."""
        json = {"json": body} if method != "GET" else {}
        return self.run(self.clients[who].request(method, f"/api/v1{path}", **json))


@pytest.fixture
def house(cluster: EmbeddedPostgres, tmp_path: Path) -> Iterator[House]:
    """Open it, and empty it afterwards."""
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()

        async def begin() -> House:
            database = Database(cluster.app_url)
            stack.push_async_callback(database.close)
            app = create_app(web_settings(cluster.app_url, tmp_path))
            await stack.enter_async_context(app.router.lifespan_context(app))
            clients = {}
            for name in PEOPLE:
                token = await create_token(database, name, "model")
                clients[name] = await stack.enter_async_context(visitor_of(app, authorization=f"Bearer {token}"))
            return House(runner, database, clients)

        yield runner.run(begin())
        runner.run(stack.aclose())
        runner.run(run_as_owner(cluster, *filter(str.strip, EMPTY.split(";"))))


class Purchase(RuleBasedStateMachine):
    """One purchase, and everything that people do with it."""

    house: ClassVar[House]

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()
        self.house.run(self._open())
        self.substitutions: dict[str, str] = {}
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
        """The id of the approval that was opened last."""
        listed = self.house.call(ADMIN, "GET", f"/approvals?case={self.case.reference}&limit=200").json()["items"]
        known = {level.id for level in self.model.levels}
        fresh = [item["id"] for item in listed if item["id"] not in known]
        if not self.model.level.id:
            assert len(fresh) == 1, (fresh, known)
            self.model.level.id = fresh[0]

    def act(self, who: str, name: str, expected: str, **body: Any) -> bool:
        """Call it; the answer is what the model expects. Whether it was done."""
        answer = self.house.call(who, "POST", f"/approvals/{self.model.level.id}/{name}", **body)
        said = OK if answer.status_code == 200 else answer.json()["code"]
        assert said == expected, (who, name, body, answer.text)
        return said == OK

    def pick(self, lot: Lot) -> str:
        """Who it is: mostly somebody who may decide."""
        may = [each for each in PEOPLE if self.model.barred(each) == OK]
        return may[PEOPLE.index(lot[1]) % len(may)] if may and lot[0] < 7 else lot[1]

    @rule(lot=LOT, choice=CHOICES)
    def decide(self, lot: Lot, choice: str) -> None:
        self.decide_what_was_seen(lot, choice, 0)

    @rule(lot=LOT, choice=CHOICES, old=st.integers(0, 3))
    def decide_what_was_seen(self, lot: Lot, choice: str, old: int) -> None:
        who = self.pick(lot)
        version = self.model.version - 1 if old == 3 and self.model.version > 1 else self.model.version
        expected = self.model.decide(who, choice, version)
        self.act(who, "decision", expected, decision=choice, comment="because", version=version)

    @rule(lot=LOT, to=ANYBODY)
    def delegate(self, lot: Lot, to: str) -> None:
        who = self.pick(lot)
        model, level = self.model, self.model.level
        refused = "not_found" if not model.sees(who) else model.barred(who)
        refused = refused or ("already_delegated" if who in level.advice else model.newcomer(to))
        refused = refused or ("unsuitable_person" if to in level.gone else OK)
        if self.act(who, "delegate", refused, to=to):
            level.advice[who] = to
            model.named.add(to)
            model.told.append("delegate")

    @rule(lot=LOT)
    def advise(self, lot: Lot) -> None:
        model, level = self.model, self.model.level
        asked = sorted(level.advice.values())
        who = asked[0] if asked and lot[0] < 7 else lot[1]
        refused = "not_found" if not model.sees(who) else OK if level.state == "open" else "already_decided"
        refused = refused or (OK if who in level.advice.values() else "not_delegated")
        if self.act(who, "advise", refused, advice="approve", comment="Looks right."):
            level.advice = {asker: adviser for asker, adviser in level.advice.items() if adviser != who}
            model.told.append("advise")

    @rule(lot=LOT, to=ANYBODY)
    def hand_over(self, lot: Lot, to: str) -> None:
        who = self.pick(lot)
        model, level = self.model, self.model.level
        refused, giver = model.say(who), who
        if not refused and not (model.barred(who) == OK and who in level.able):
            giver = ""
            refused = "not_a_candidate" if who != ADMIN else "unsuitable_person" if level.able else OK
            refused = refused or "comment_needed"
        if self.act(who, "reassign", refused or model.newcomer(to), to=to):
            level.gone.add(giver)
            level.advice.pop(giver, "")
            model.take_seat(to)
            model.told.append("reassign")

    @rule(lot=LOT, more=ANYBODY)
    def add_approver(self, lot: Lot, more: str) -> None:
        who = self.pick(lot)
        model = self.model
        if self.act(who, "add-approver", model.say(who) or model.newcomer(more), person=more):
            model.take_seat(more)
            model.level.needed += 1
            model.told.append("add_approver")

    @rule(lot=LOT, centre=st.sampled_from(CENTRES))
    def correct(self, lot: Lot, centre: str) -> None:
        who = self.pick(lot)
        model, level = self.model, self.model.level
        refused = "not_found" if not model.sees(who) else model.barred(who)
        refused = refused or ("nothing_changed" if centre == self.centre else OK)
        change = {"version": model.version, "input": {"cost_centre": centre}}
        if self.act(who, "correct", refused, **change):
            self.centre = centre
            model.version += 1
            model.editors[who] = level.id
            model.told += ["correct", *(["void"] if level.votes else [])]
            level.votes = {}

    centre = CENTRES[0]

    @rule(lot=st.integers(0, 9))
    def override(self, lot: int) -> None:
        model = self.model
        if lot:
            return
        refused = "four_eyes" if ADMIN in model.involved() | model.level.excluded else OK
        refused = "already_decided" if model.level.state != "open" else refused
        refused = refused or ("already_decided" if ADMIN in model.level.voters else OK)
        given = {"decision": "approve", "version": model.version, "reason": "It burns."}
        if self.act(ADMIN, "override", refused, **given):
            model.level.votes[ADMIN] = (ADMIN, "override", model.version)
            model.close("approved", ADMIN)
            model.told.append("overridden")

    @rule(lot=LOT)
    def undo(self, lot: Lot) -> None:
        model, level = self.model, self.model.level
        voters = sorted({vote[0] for vote in level.votes.values()})
        who = voters[0] if voters and lot[0] < 7 else lot[1]
        mine = next((seat for seat, vote in level.votes.items() if vote[0] == who and vote[1] != "override"), None)
        refused = "not_found" if not model.sees(who) else OK if mine else "nothing_to_undo"
        closed_by_me = level.undoable and level.decided_by == who
        late = model.recalled or model.status == "over" or not (level.state == "open" or closed_by_me)
        if self.act(who, "undo", refused or ("too_late_to_undo" if late else OK)):
            level.votes.pop(str(mine))
            level.state, level.decided_by, level.undoable = "open", "", False
            model.told.append("undo")

    @rule(absent=st.sampled_from(["mona", "finn", "fay", "olga", REQUESTER]), substitute=ANYBODY)
    def substitute(self, absent: str, substitute: str) -> None:
        if absent in self.substitutions or absent == substitute:
            return
        today = datetime.now(UTC).date()
        days = {"first_day": f"{today - timedelta(days=1)}", "last_day": f"{today + timedelta(days=1)}"}
        answer = self.house.call(absent, "POST", "/people/me/substitutes", substitute=substitute, **days)
        assert answer.status_code == 201, answer.text
        self.substitutions[absent] = answer.json()["id"]
        self.model.stands_in[absent] = substitute

    @precondition(lambda self: self.substitutions)
    @rule(data=st.data())
    def end_substitution(self, data: st.DataObject) -> None:
        absent = data.draw(st.sampled_from(sorted(self.substitutions)))
        where = f"/people/me/substitutes/{self.substitutions.pop(absent)}/end"
        assert self.house.call(absent, "POST", where).status_code == 200
        del self.model.stands_in[absent]

    @rule(lot=LOT)
    def ask_and_answer(self, lot: Lot) -> None:
        who = self.pick(lot)
        refused = "not_found" if not self.model.sees(who) else self.model.barred(who)
        if self.act(who, "ask", refused, text="Why now?"):
            where = f"/approvals/{self.model.level.id}"
            question = self.house.call(who, "GET", where).json()["questions"][-1]["id"]
            self.act(REQUESTER, "answer", OK, question=question, text="Because.")
            self.model.told += ["question", "answered"]

    @precondition(lambda self: not self.model.recalled)
    @rule(lot=st.integers(0, 9))
    def recall(self, lot: int) -> None:
        model = self.model
        if lot:
            return
        answer = self.house.call(REQUESTER, "POST", f"/cases/{self.case.reference}/recall", reason="")
        assert (answer.status_code == 409) == (model.status == "over"), answer.text
        if model.status != "over":
            model.recalled = True
            model.told.append("recalled")
            if model.level.state == "open":
                model.close("withdrawn")

    @rule(price=st.sampled_from(["11000.00", "13000.00"]))
    def edit(self, price: str) -> None:
        model = self.model
        body = {"version": model.version, "input": purchase(price, cost_centre=self.centre)}
        answer = self.house.call(REQUESTER, "PATCH", f"/cases/{self.case.reference}/input", **body)
        may = model.status == "running" and model.level.state == "sent_back" and not self.changed
        assert (answer.status_code == 200) == may, answer.text
        if may:
            self.changed = True
            model.version += 1
            model.editors[REQUESTER] = ""
            model.told.append("amended")

    changed = False

    @rule()
    def workflow_hears(self) -> None:
        """The time to take back is over, and the relay delivers what there is."""
        self.house.run(self.workflow.time_passes())
        self.house.run(self.workflow.hear())
        self.house.run(self.workflow.hear())
        self._settle()

    @rule(lot=st.integers(0, 9))
    def deadline_strikes(self, lot: int) -> None:
        """Its timer closes what is open, and hears of what is not."""
        if lot > 1:
            return
        if self.model.level.state == "open" and self.model.status == "running":
            self.model.close("expired")
            self.model.told.append("expired")
        self.house.run(self.workflow.deadline())
        self.workflow_hears()

    @rule()
    def relay_looks(self) -> None:
        """Within the time to take back the workflow hears nothing of a verdict."""
        if self.model.level.undoable or self.model.level.state == "open":
            assert "decide" not in self.house.run(self.workflow.hear())

    @rule()
    def worker_is_killed(self) -> None:
        """Another one begins from the history; nothing happens twice."""
        self.house.run(self.workflow.begin())
        if self.model.level.state != "open":
            self.model.level.undoable = False  # it asked again and heard the verdict itself

    def _settle(self) -> None:
        """What the model's workflow does once it has heard everything."""
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

    @rule(who=ANYBODY)
    def who_finds_it_in_the_inbox_may_decide_or_advise(self, who: str) -> None:
        model = self.model
        mine = self.house.call(who, "GET", "/approvals?mine=true&state=open&limit=200").json()["items"]
        found = model.level.id in {item["id"] for item in mine}
        asked = model.level.state == "open" and who in model.level.advice.values()
        assert found == (model.barred(who) == OK or asked), (who, model.barred(who))

    def teardown(self) -> None:
        for absent in list(self.substitutions):
            where = f"/people/me/substitutes/{self.substitutions.pop(absent)}/end"
            self.house.call(absent, "POST", where)


def test_whatever_people_do_the_desk_keeps_to_the_model(house: House) -> None:
    once = settings(
        max_examples=15,
        stateful_step_count=40,
        deadline=None,
        derandomize=True,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    machine = type("Case", (Purchase,), {"house": house})
    run_state_machine_as_test(machine, settings=once)
    assert all(report.ok for report in house.run(verify(house.database)))
