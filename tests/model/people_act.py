"""The actions of people on a purchase, one step at a time."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.model.approval_model import ADMIN, OK, PEOPLE, REQUESTER
from tests.model.one_purchase import CENTRES, Lot, OnePurchase
from tests.support.purchases import purchase

ANYBODY = st.sampled_from(PEOPLE)
# A lot below seven falls on somebody who may, if there is anybody; the others on anybody.
LOT = st.tuples(st.integers(0, 9), ANYBODY)
CHOICES = st.sampled_from(["approve", "approve", "approve", "reject", "send_back"])


class PeopleAct(OnePurchase):
    """Actions of approvers, of operators and of the requester."""

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
        refused = refused or ("already_delegated" if who in level.advice else model.adviser(to))
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

    @rule(lot=st.integers(0, 9))
    def override(self, lot: int) -> None:
        model = self.model
        if lot:
            return
        refused = "four_eyes" if ADMIN in model.involved() | model.level.excluded | model.elsewhere else OK
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

    @rule(who=ANYBODY)
    def who_finds_it_in_the_inbox_may_decide_or_advise(self, who: str) -> None:
        model = self.model
        mine = self.house.call(who, "GET", "/approvals?mine=true&state=open&limit=200").json()["items"]
        found = model.level.id in {item["id"] for item in mine}
        asked = model.level.state == "open" and who in model.level.advice.values()
        assert found == (model.barred(who) == OK or asked), (who, model.barred(who))
