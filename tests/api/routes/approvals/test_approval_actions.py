"""Approval actions other than a decision, through pages and REST."""

from typing import Any

import httpx2
import pytest
from sqlalchemy import select

from backend.cases.approvals.request.open_approval import OpenedApproval
from backend.database.engine import Database
from backend.database.tables import Case, Notification, OutboxRow
from tests.support.approvals import asked_about
from tests.support.html import page_of, said_in
from tests.support.web import Visitor


async def act(client: httpx2.AsyncClient, approval: OpenedApproval, name: str, **body: Any) -> httpx2.Response:
    """Take an approval action over REST."""
    return await client.post(f"/api/v1/approvals/{approval.approval_id}/{name}", json=body)


async def decide(
    client: httpx2.AsyncClient, approval: OpenedApproval, decision: str = "approve", version: int = 1
) -> httpx2.Response:
    """Decide over REST."""
    return await act(client, approval, "decision", decision=decision, comment="because", version=version)


async def waiting(client: httpx2.AsyncClient) -> list[str]:
    """The approvals in this person's inbox."""
    return [item["id"] for item in (await client.get("/api/v1/approvals?mine=true")).json()["items"]]


async def story(client: httpx2.AsyncClient, case: Case) -> list[str]:
    """The kinds of the lines in the activity, oldest first."""
    lines = (await client.get(f"/api/v1/cases/{case.reference}/journal")).json()
    return [line["kind"] for line in lines][::-1]


async def told(database: Database) -> set[tuple[str, str]]:
    """Who was notified of which event, without the request itself and its verdict."""
    async with database.transaction("default") as session:
        rows = await session.execute(select(Notification.event, Notification.person_id))
        return {(event, who) for event, who in rows if event not in {"requested", "decided"}}


def code(answer: httpx2.Response) -> str:
    """The error code of a refusal."""
    return str(answer.json()["code"])


async def test_a_question_is_answered_by_the_requester_while_the_approval_waits(
    database: Database, program_of: Visitor
) -> None:
    case, approval = await asked_about(database)
    ann, finn, root = [await program_of(name) for name in ("ann", "finn", "root")]
    found = (await act(finn, approval, "ask", text="Is the frame included?")).json()
    question = found["questions"][0]
    assert (found["state"], question["answer"]) == ("open", "")
    foreign = await act(root, approval, "answer", question=question["id"], text="Yes.")
    assert (foreign.status_code, code(foreign)) == (403, "not_allowed")
    given = await act(ann, approval, "answer", question=question["id"], text="Yes, it is.")
    assert given.json()["questions"][0]["answer"] == "Yes, it is."
    again = await act(ann, approval, "answer", question=question["id"], text="No.")
    assert (again.status_code, code(again)) == (409, "already_answered")
    assert (await decide(finn, approval)).status_code == 200
    assert await story(ann, case) == ["sent", "asked", "question", "answered", "approved"]
    assert await told(database) == {("question", "ann"), ("answered", "finn")}


async def test_the_requester_finds_the_question_on_home_and_case_and_answers_there(
    database: Database, program_of: Visitor, browser_of: Visitor
) -> None:
    case, approval = await asked_about(database)
    ann, finn = await browser_of("ann"), await browser_of("finn")
    asking = await finn.post(f"/approvals/{approval.approval_id}/ask", data={"words": ""})
    assert (asking.status_code, "Enter a question." in said_in(asking)) == (422, True)
    asking = await finn.post(f"/approvals/{approval.approval_id}/ask", data={"words": "Which <colour>?"})
    assert asking.status_code == 303
    home = page_of(await ann.get("/"))
    assert "One item needs your attention." in home.text
    assert "Answer “Which <colour>?”" in home.text
    assert "Which <colour>?" in said_in(await ann.get(f"/cases/{case.reference}"))
    question = (await ann.get(f"/api/v1/approvals/{approval.approval_id}")).json()["questions"][0]["id"]
    answer = await ann.post(f"/approvals/{approval.approval_id}/questions/{question}", data={"answer": "Oak"})
    assert answer.status_code == 303
    assert "Oak" in said_in(await finn.get(f"/approvals/{approval.approval_id}"))
    assert "Nothing needs your attention." in said_in(await ann.get("/"))


async def test_a_question_is_answered_although_changes_were_requested_meanwhile(
    database: Database, program_of: Visitor, browser_of: Visitor
) -> None:
    case, approval = await asked_about(database)
    ann, finn = await program_of("ann"), await program_of("finn")
    question = (await act(finn, approval, "ask", text="Is the frame included?")).json()["questions"][0]["id"]
    await decide(finn, approval, "send_back")
    assert "Is the frame included?" in said_in(await (await browser_of("ann")).get("/"))
    answered = await act(ann, approval, "answer", question=question, text="Yes.")
    assert (answered.status_code, answered.json()["questions"][0]["answer"]) == (200, "Yes.")
    assert (await story(ann, case))[-1] == "answered"


async def test_an_adviser_reads_what_they_were_asked_for(
    database: Database, program_of: Visitor, browser_of: Visitor
) -> None:
    _, approval = await asked_about(database)
    await act(await program_of("finn"), approval, "delegate", to="hugo", note="You know the vendor.")
    hugo = await browser_of("hugo")
    page = said_in(await hugo.get(f"/approvals/{approval.approval_id}"))
    assert "You were asked for a recommendation. Others make the decision." in page
    assert "You are not an approver" not in page


async def test_who_cannot_decide_cannot_ask_delegate_hand_over_or_add(database: Database, program_of: Visitor) -> None:
    _, approval = await asked_about(database)
    ann, finn = await program_of("ann"), await program_of("finn")
    for name, body in (
        ("ask", {"text": "?"}),
        ("delegate", {"to": "olga"}),
        ("reassign", {"to": "olga"}),
        ("add-approver", {"person": "olga"}),
    ):
        assert (await act(ann, approval, name, **body)).status_code == 403, name
    assert (await decide(finn, approval)).status_code == 200
    for name, body in (("ask", {"text": "?"}), ("delegate", {"to": "olga"}), ("reassign", {"to": "olga"})):
        refused = await act(finn, approval, name, **body)
        assert (refused.status_code, code(refused)) == (409, "already_decided"), name


async def test_a_colleague_recommends_and_the_final_word_stays(database: Database, program_of: Visitor) -> None:
    case, approval = await asked_about(database)
    finn, olga = await program_of("finn"), await program_of("olga")
    assert (await olga.get(f"/api/v1/approvals/{approval.approval_id}")).status_code == 404
    await act(finn, approval, "delegate", to="olga", note="You know the vendor.")
    assert await waiting(olga) == [str(approval.approval_id)]
    assert code(await act(finn, approval, "delegate", to="hugo")) == "already_delegated"
    refused = await decide(olga, approval)
    assert (refused.status_code, code(refused)) == (403, "not_a_candidate")
    seen = (await olga.get(f"/api/v1/approvals/{approval.approval_id}")).json()
    assert seen["acts"] == ["advise"]
    given = await act(olga, approval, "advise", advice="reject", comment="They deliver late.")
    assert given.json()["recommendations"][0]["advice"] == "reject"
    assert await waiting(olga) == []
    assert code(await act(olga, approval, "advise", advice="approve", comment="No, wait.")) == "not_delegated"
    assert (await decide(finn, approval)).json()["state"] == "approved"
    assert await story(finn, case) == ["sent", "asked", "delegate", "advise", "approved"]


async def test_what_was_delegated_is_taken_back_or_ends_with_the_verdict(
    database: Database, program_of: Visitor
) -> None:
    _, approval = await asked_about(database)
    finn, olga = await program_of("finn"), await program_of("olga")
    await act(finn, approval, "delegate", to="olga")
    assert (await act(finn, approval, "take-back")).json()["recommendations"][0]["state"] == "taken_back"
    assert await waiting(olga) == []
    await act(finn, approval, "delegate", to="olga")
    assert await waiting(olga) == [str(approval.approval_id)]
    decided = await decide(finn, approval)
    assert decided.json()["recommendations"][1]["state"] == "not_needed"
    assert await waiting(olga) == []


async def test_a_seat_is_handed_over_and_with_it_the_right(database: Database, program_of: Visitor) -> None:
    case, approval = await asked_about(database, needed=2)
    finn, olga, fay = [await program_of(name) for name in ("finn", "olga", "fay")]
    handed = await act(finn, approval, "reassign", to="olga", reason="I am on holiday.")
    assert handed.json()["may_answer"] == ["fay", "olga"]
    assert (await waiting(finn), await waiting(olga)) == ([], [str(approval.approval_id)])
    refused = await decide(finn, approval)
    assert (refused.status_code, code(refused)) == (403, "not_a_candidate")
    assert await told(database) == {("handed_over", "olga")}
    assert (await decide(olga, approval)).json()["state"] == "open"
    assert (await decide(fay, approval)).json()["state"] == "approved"
    async with database.transaction("default") as session:
        rows = list(
            await session.scalars(select(OutboxRow).where(OutboxRow.case_id == case.id, OutboxRow.kind == "turn"))
        )
    assert [row.payload["who"] for row in rows] == ["Fay Nowak and Olga Petrov"]


async def test_nobody_hands_anything_to_who_asked_for_it(database: Database, program_of: Visitor) -> None:
    _, approval = await asked_about(database)
    finn = await program_of("finn")
    for name, body in (("reassign", {"to": "ann"}), ("delegate", {"to": "ann"}), ("add-approver", {"person": "ann"})):
        refused = await act(finn, approval, name, **body)
        assert (refused.status_code, code(refused)) == (403, "four_eyes"), name
    for stranger in ("nobody", "zoe"):
        assert (await act(finn, approval, "reassign", to=stranger)).status_code == 404


async def test_an_operator_gives_anothers_seat_away_with_a_reason_but_not_of_their_own_case(
    database: Database, program_of: Visitor
) -> None:
    _, approval = await asked_about(database)
    root, hugo = await program_of("root"), await program_of("hugo")
    assert code(await act(root, approval, "reassign", to="hugo", reason="Finn left.")) == "unsuitable_person"
    assert code(await act(root, approval, "reassign", to="hugo", whose="finn")) == "comment_needed"
    given = await act(root, approval, "reassign", to="hugo", whose="finn", reason="Finn left.")
    assert given.json()["may_answer"] == ["fay", "hugo"]
    assert (await decide(hugo, approval)).json()["state"] == "approved"
    _, own = await asked_about(database, requester="root")
    refused = await act(root, own, "reassign", to="hugo", whose="finn", reason="Quicker.")
    assert (refused.status_code, code(refused)) == (403, "four_eyes")


async def test_one_more_approver_is_one_more_yes(database: Database, program_of: Visitor) -> None:
    _, approval = await asked_about(database)
    finn, hugo = await program_of("finn"), await program_of("hugo")
    added = (await act(finn, approval, "add-approver", person="hugo", reason="It concerns people.")).json()
    assert (added["needed"], added["may_answer"]) == (2, ["fay", "finn", "hugo"])
    assert code(await act(finn, approval, "add-approver", person="hugo")) == "unsuitable_person"
    assert (await decide(finn, approval)).json()["state"] == "open"
    assert (await decide(hugo, approval)).json()["state"] == "approved"


@pytest.mark.parametrize(
    "name", ["ask", "delegate", "reassign", "add-approver", "take-back", "advise", "correct", "override", "undo"]
)
async def test_every_act_is_a_page_of_its_own_and_reading_it_changes_nothing(
    database: Database, browser_of: Visitor, name: str
) -> None:
    case, approval = await asked_about(database)
    finn = await browser_of("finn")
    before = await story(finn, case)
    page = await finn.get(f"/approvals/{approval.approval_id}/{name}")
    assert page.status_code == 200
    assert ("You can't do this now" in said_in(page)) == (name in {"take-back", "advise", "override", "undo"})
    assert await story(finn, case) == before


async def test_people_are_found_by_name_without_a_script(database: Database, browser_of: Visitor) -> None:
    _, approval = await asked_about(database)
    finn = await browser_of("finn")
    where = f"/approvals/{approval.approval_id}/reassign"
    found = await finn.post(where, data={"q": "petr", "find": "1", "words": "My holiday"})
    shown = page_of(found)
    assert [choice["value"] for choice in shown.all("[name=person]")] == ["olga"]
    assert shown.one("[name=words]").held == "My holiday"
    assert shown.one("#people .cs-person").text == "OP Olga Petrov Employees, orders staff"
    assert shown.one("#people .cs-avatar")["aria-hidden"] == "true"
    nobody = await finn.post(where, data={"words": "My holiday"})
    assert (nobody.status_code, "Choose a person." in said_in(nobody)) == (422, True)
    done = await finn.post(where, data={"person": "olga"})
    assert done.status_code == 303


async def test_advice_and_reassignment_are_allowed_apart(database: Database, program_of: Visitor) -> None:
    finn = await program_of("finn")
    _, advised = await asked_about(database, reassignment=False)
    _, reassigned = await asked_about(database, consultation=False)
    policies = []
    for approval in (advised, reassigned):
        found = (await finn.get(f"/api/v1/approvals/{approval.approval_id}")).json()
        policies.append([found["policy"][name] for name in ("consultation", "reassignment", "delegation")])
        assert ("delegate" in found["acts"]) is (approval is advised)
        assert ("reassign" in found["acts"]) is (approval is reassigned)
    assert policies == [[True, False, False], [False, True, False]]
    assert (await act(finn, advised, "reassign", to="olga")).status_code == 403
    assert (await act(finn, reassigned, "delegate", to="olga")).status_code == 403
    assert (await act(finn, advised, "delegate", to="olga")).status_code == 200
    assert (await act(finn, reassigned, "reassign", to="olga")).status_code == 200
