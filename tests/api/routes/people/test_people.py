"""Substitutes and the administration of people, through pages and REST."""

from datetime import UTC, datetime, timedelta

import httpx2

from backend.database.engine import Database
from backend.processes import by_key
from tests.api.routes.approvals.test_approval_actions import decide
from tests.api.routes.session.test_sign_in import facts
from tests.support.approvals import asked_about
from tests.support.html import page_of, said_in
from tests.support.web import Visitor


async def test_a_substitute_is_set_ended_and_acts_in_anothers_name(
    database: Database, browser_of: Visitor, program_of: Visitor
) -> None:
    _, approval = await asked_about(database, who=("person:mona",))
    mona, olga = await browser_of("mona"), await program_of("olga")
    where, today = "/people/me/substitutes", datetime.now(UTC).date()
    days = {"first_day": today.isoformat(), "last_day": (today + timedelta(days=7)).isoformat()}
    form = page_of(await mona.get(where))
    for process in by_key().values():
        assert form.has(f'[value="{process.key}"]') == process.needs_approval, process.key
    nobody = await mona.post(where, data=days)
    assert (nobody.status_code, "Choose a person." in said_in(nobody)) == (422, True)
    found = page_of(await mona.post(where, data={"q": "olg", "find": "1"}))
    assert [choice["value"] for choice in found.all("[name=person]")] == ["olga"]
    assert (await mona.post(where, data={**days, "person": "olga", "up_to": "5,000"})).status_code == 303
    assert "Olga Petrov decides for you now" in said_in(await mona.get(where))
    mine = (await olga.get(f"/api/v1{where}")).json()
    assert [(row["person_id"], row["up_to"]) for row in mine] == [("mona", "5000.00")]
    assert (await olga.get(f"/api/v1/approvals/{approval.approval_id}")).json()["acting_for"] == "Mona Lind"
    assert (await decide(olga, approval)).json()["votes"][0]["acting_for"] == "mona"
    assert (await mona.post(f"{where}/{mine[0]['id']}/end")).status_code == 303
    assert (await olga.get(f"/api/v1{where}")).json() == []


async def test_people_are_looked_after_by_administrators_alone(database: Database, browser_of: Visitor) -> None:
    root, finn = await browser_of("root"), await browser_of("finn")
    assert (await finn.get("/people")).status_code == 404
    assert (await finn.post("/people/eve", data={})).status_code == 404
    assert "Olga Petrov" in said_in(await root.get("/people"))
    locked = await root.post("/people/root", data={"active": "1", "groups": ["employees"]})
    assert (locked.status_code, "cannot remove your own administrator access" in said_in(locked)) == (422, True)
    changed = await root.post("/people/eve", data={"active": "1", "groups": ["orders"], "manager": "mona"})
    assert changed.status_code == 303
    assert "orders staff" in said_in(await root.get("/people"))
    recorded = (await facts(database, "person.change"))[-1]
    assert recorded["before"] == {"active": True, "groups": [], "manager": None}
    assert (recorded["subject"], recorded["groups"], recorded["manager"]) == ("eve", ["orders"], "mona")
    assert (await root.post("/people/eve", data={"active": "1"})).status_code == 303


async def test_a_name_and_an_address_are_changed_and_recorded(ida: httpx2.AsyncClient, own_database: Database) -> None:
    fields = page_of(await ida.get("/people/ida")).one('main form:has([name="email"])').fields
    groups = [box["value"] for box in page_of(await ida.get("/people/ida")).all("[name=groups][checked]")]
    same = {**fields, "groups": groups}
    for wrong in ({"name": " "}, {"email": "ida@"}):
        refused = await ida.post("/people/ida", data={**same, **wrong})
        assert (refused.status_code, page_of(refused).has("[aria-invalid]")) == (422, True), wrong
    changed = await ida.post("/people/ida", data={**same, "name": "Ida Falk-Lind", "email": "falk@harbour.example"})
    assert changed.status_code == 303
    assert "Ida Falk-Lind" in said_in(await ida.get("/people"))
    recorded = (await facts(own_database, "person.change"))[-1]
    assert (recorded["name"], recorded["email"]) == ("Ida Falk-Lind", "falk@harbour.example")
    assert (recorded["before"]["name"], recorded["before"]["email"]) == ("Ida Falk", "ida@harbour.example")


async def test_who_is_let_in_again_signs_in_again(database: Database, browser_of: Visitor) -> None:
    root, eve = await browser_of("root"), await browser_of("eve")
    assert (await eve.get("/cases")).status_code == 200
    assert (await root.post("/people/eve", data={})).status_code == 303
    assert (await eve.get("/cases")).status_code == 303
    assert (await root.post("/people/eve", data={"active": "1"})).status_code == 303
    assert (await eve.get("/cases")).status_code == 303


async def test_a_token_ends_with_the_account_and_does_not_come_back_with_it(
    browser_of: Visitor, program_of: Visitor
) -> None:
    root, eve = await browser_of("root"), await program_of("eve")
    assert (await eve.get("/api/v1/cases")).status_code == 200
    for active in ({}, {"active": "1"}):
        assert (await root.post("/people/eve", data=active)).status_code == 303
        assert (await eve.get("/api/v1/cases")).status_code == 401
    assert (await (await program_of("eve")).get("/api/v1/cases")).status_code == 200
