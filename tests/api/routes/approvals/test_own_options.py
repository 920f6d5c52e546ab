"""Decision options of a process: buttons in its words, fields of an approval, and why a case cannot be approved."""

from typing import Any

from backend.cases.approvals.request.open_approval import OpenedApproval
from backend.database.engine import Database
from backend.kit.approval import REJECT, DecisionKind, DecisionOption, Veto
from tests.support.approvals import asked_about
from tests.support.html import page_of, said_in, source_of
from tests.support.web import Visitor

RELEASE = DecisionOption(key="release", counts_as=DecisionKind.APPROVE, label="Release", done="released")
TRIAL = DecisionOption(
    key="trial", counts_as=DecisionKind.APPROVE, label="Release on trial", done="released on trial", comment=True
)


def page(approval: OpenedApproval) -> str:
    return f"/approvals/{approval.approval_id}"


async def decide(client: Any, approval: OpenedApproval, **form: str) -> Any:
    return await client.post(f"{page(approval)}/decision", data={"version": "1", **form})


async def test_the_buttons_speak_the_words_of_the_process(database: Database, browser_of: Visitor) -> None:
    _, approval = await asked_about(database, options=(RELEASE, TRIAL, REJECT))
    finn = await browser_of("finn")
    shown = page_of(await finn.get(page(approval)))
    assert "Release EUR 480.00" in shown.text
    assert "Release on trial" in shown.one('[value="approve:trial"]').text
    assert "Request changes" not in shown.source
    assert (await decide(finn, approval, decision="send_back", comment="why")).status_code == 422
    assert (await decide(finn, approval, decision="approve:other")).status_code == 422
    for pressed in ("approve:trial", "reject"):
        answer = await decide(finn, approval, decision=pressed)
        assert answer.status_code == 422
        silent = page_of(answer)
        assert "Enter a reason" in silent.one("#reason-error").text
        assert silent.has('#reason[aria-describedby="reason-error"][autofocus]')
    assert (await decide(finn, approval, decision="approve:trial", comment="Until March.")).status_code == 303
    closed = page_of(await finn.get(page(approval)))
    assert "Finn Aalto released on trial today" in closed.text


async def test_a_yes_asks_for_its_fields_and_keeps_what_was_typed(
    database: Database, browser_of: Visitor, limited: None
) -> None:
    _, approval = await asked_about(database)
    finn = await browser_of("finn")
    assert page_of(await finn.get(page(approval))).has("[name=up_to]")
    wrong = await decide(finn, approval, decision="approve", up_to="nothing", note="For now")
    assert wrong.status_code == 422
    assert "Enter a whole number, such as 3" in said_in(wrong)
    assert page_of(wrong).one("[name=note]").held == "For now"
    unknown = await decide(finn, approval, decision="approve", up_to="500", colour="red")
    assert unknown.status_code == 303, "what the form does not have is left out of the answer"
    assert "Up to: 500." in said_in(await finn.get(page(approval)))


async def test_a_no_needs_none_of_the_fields(database: Database, browser_of: Visitor, limited: None) -> None:
    _, approval = await asked_about(database)
    finn = await browser_of("finn")
    assert (await decide(finn, approval, decision="reject", comment="Too dear.")).status_code == 303


async def test_who_said_no_is_not_told_that_they_approved(
    database: Database, browser_of: Visitor, program_of: Visitor
) -> None:
    _, approval = await asked_about(database, who=("group:finance", "person:mona"), veto=Veto.NO_COUNTS)
    finn, program = await browser_of("finn"), await program_of("finn")
    assert (await decide(finn, approval, decision="reject", comment="Too dear.")).status_code == 303
    told = "You have already decided this. Nothing was changed."
    other = await decide(finn, approval, decision="approve")
    assert (other.status_code, told in said_in(other)) == (409, True)
    called = await program.post(f"/api/v1{page(approval)}/decision", json={"decision": "approve", "version": 1})
    problem = called.json()
    assert (called.status_code, problem["code"], problem["state"], problem["detail"]) == (
        409,
        "already_decided",
        "open",
        told,
    )
    assert "Finn Aalto rejected today" in said_in(await finn.get(page(approval)))


async def test_programs_see_options_and_fields_and_answer_with_them(
    database: Database, program_of: Visitor, limited: None
) -> None:
    _, approval = await asked_about(database, options=(RELEASE, TRIAL), veto=Veto.NO_COUNTS)
    finn = await program_of("finn")
    where = f"/api/v1{page(approval)}"
    seen = (await finn.get(where)).json()
    assert [option["key"] for option in seen["options"]] == ["release", "trial"]
    assert seen["extra_schema"]["required"] == ["up_to"]
    assert (seen["policy"]["veto"], seen["impossible"]) == ("no_counts", None)
    body = {"decision": "approve", "version": 1, "option": "trial", "comment": "Until March."}
    missing = await finn.post(f"{where}/decision", json=body)
    assert (missing.status_code, missing.json()["code"]) == (422, "extra_wrong")
    answered = await finn.post(f"{where}/decision", json={**body, "extra": {"up_to": 500}})
    assert answered.status_code == 200, answered.text
    vote = answered.json()["votes"][0]
    assert (vote["option"], vote["extra"]) == ("trial", {"up_to": 500, "note": ""})


async def test_what_cannot_be_approved_says_so_on_every_page_and_over_rest(
    database: Database, browser_of: Visitor, program_of: Visitor
) -> None:
    case, approval = await asked_about(database, who=("person:ann",))
    ann, root = await browser_of("ann"), await program_of("root")
    words = "Finance: nobody is left who can decide."
    assert words in said_in(await ann.get(page(approval)))
    assert words in said_in(await ann.get(f"/cases/{case.reference}"))
    assert (await root.get(f"/api/v1{page(approval)}")).json()["impossible"] == words
    assert (await root.get(f"/api/v1/cases/{case.reference}")).json()["attention"] == words
    given = await root.post(f"/api/v1{page(approval)}/reassign", json={"to": "mona", "reason": "Nobody else is left."})
    assert given.status_code == 200, given.text
    assert given.json()["impossible"] is None
    assert (await root.get(f"/api/v1/cases/{case.reference}")).json()["attention"] is None
    assert words not in source_of(await ann.get(page(approval)))
