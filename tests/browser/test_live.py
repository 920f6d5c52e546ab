"""An open page follows what others do, with its buttons, without a reload; what is being typed stays."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser.desk import Desk
from tests.browser.looking import SignIn
from tests.support.running import PASSWORD

SCRIPT = pytest.mark.parametrize("script", [True, False], ids=["with a script", "without"])
LARGE = "20000.00"


def seen(page: Page, script: bool) -> None:  # noqa: FBT001
    """Without a script, a reload shows what a script shows by itself."""
    if not script:
        page.reload()


@SCRIPT
def test_the_page_of_a_case_changes_with_its_buttons(sign_in: SignIn, desk: Desk, script: bool) -> None:  # noqa: FBT001
    [approval] = desk.ask("Followed Ltd", "10.00")
    ann = sign_in("ann", java_script_enabled=script)
    ann.goto(f"/cases/{approval['reference']}")
    expect(ann.locator("#says")).to_contain_text("Mona Lind has to approve")
    ann.get_by_label("Add a comment").fill("half a thought")
    desk.program("mona").post(f"/approvals/{approval['id']}/ask", json={"text": "Is the frame included?"})
    seen(ann, script)
    expect(ann.get_by_text("An approver asked you a question.")).to_be_visible()
    expect(ann.get_by_label("Your answer")).to_be_visible()
    desk.decide(approval, "send_back", "Fewer, please.")
    seen(ann, script)
    expect(ann.get_by_role("link", name="Edit and resubmit")).to_be_visible()
    expect(ann.get_by_role("main")).to_contain_text("Fewer, please.")
    expect(ann.get_by_label("Your answer")).to_have_count(0)
    expect(ann.get_by_role("link", name=re.compile("^Inbox"))).to_contain_text(re.compile("[1-9]"))
    if script:
        expect(ann.get_by_label("Add a comment")).to_have_value("half a thought")
        expect(ann.locator("#announcer")).to_contain_text("Mona Lind requested changes")


@SCRIPT
def test_the_page_of_an_approval_shows_the_other_vote_and_the_verdict(
    sign_in: SignIn,
    desk: Desk,
    script: bool,  # noqa: FBT001
) -> None:
    [first] = desk.ask("Both of finance", LARGE)
    desk.decide(first, "approve")
    both = desk.waiting(first["reference"], "fay")
    finn = sign_in("finn", java_script_enabled=script)
    finn.goto(f"/approvals/{both['id']}")
    finn.get_by_label("Comment").fill("I wonder")
    desk.decide(both, "approve", who="fay")
    seen(finn, script)
    expect(finn.get_by_role("main").get_by_text("Waiting for Finn Aalto, 1 of 2 approved.")).to_be_visible()
    expect(finn.get_by_role("button", name=re.compile("^Approve"))).to_be_enabled()
    if script:
        expect(finn.get_by_label("Comment")).to_have_value("I wonder")
        expect(finn.locator("#announcer")).to_contain_text("Waiting for Finn Aalto")
    desk.decide(both, "approve", who="finn")
    seen(finn, script)
    expect(finn.get_by_role("heading", level=1)).to_contain_text("Finn Aalto approved this")
    if script:
        # What was typed stays readable, and cannot be sent any more.
        expect(finn.get_by_label("Comment")).to_have_value("I wonder")
        expect(finn.get_by_role("button", name=re.compile("^Approve"))).to_be_disabled()


def test_a_form_never_decides_a_version_that_it_was_not_opened_with(sign_in: SignIn, desk: Desk) -> None:
    [first] = desk.ask("Corrected under the eyes", "5000.00")
    desk.decide(first, "approve")
    approval = desk.waiting(first["reference"], "fay")
    finn = sign_in("finn")
    finn.goto(f"/approvals/{approval['id']}")
    finn.get_by_label("Comment").fill("Fine by me")
    body = {"version": approval["version"], "input": {"cost_centre": "3100"}, "reason": "A wrong number."}
    assert desk.program("fay").post(f"/approvals/{approval['id']}/correct", json=body).status_code == 200
    expect(finn.get_by_text("This changed while the page was open.")).to_be_visible()
    expect(finn.get_by_role("heading", name="Changed since version 1")).to_be_visible()
    expect(finn.get_by_role("button", name=re.compile("^Approve"))).to_be_disabled()
    finn.get_by_role("link", name="Reload").click()
    expect(finn.get_by_label("Comment")).to_have_value("Fine by me")
    finn.get_by_role("button", name=re.compile("^Approve")).click()
    expect(finn.locator(".cs-toasts")).to_contain_text("Approved: ")


def test_home_inbox_and_badges_grow_and_shrink_together(sign_in: SignIn, desk: Desk) -> None:
    home, inbox = sign_in("mona"), sign_in("mona")
    inbox.goto("/approvals?f.vendor=Grown+Ltd&process=purchase_approval")
    expect(inbox.get_by_role("link", name="Grown Ltd for 10.00")).to_have_count(0)
    [approval] = desk.ask("Grown Ltd", "10.00")
    expect(inbox.get_by_role("link", name="Grown Ltd for 10.00")).to_be_visible()
    badge = home.locator("#live-count-approvals .cs-count")
    count = re.compile(rf"^{re.escape(inbox.locator('#live-count-approvals .cs-count').inner_text().split()[0])} ")
    expect(badge).to_contain_text(count)
    expect(home.get_by_role("heading", level=1)).to_contain_text(re.compile("need(s)? your attention"))
    desk.decide(approval, "reject", "No.")
    expect(inbox.get_by_role("link", name="Grown Ltd for 10.00")).to_have_count(0)


def test_what_was_half_decided_survives_a_reload_and_nobody_else_finds_it(sign_in: SignIn, desk: Desk) -> None:
    [approval] = desk.ask("Half decided", "10.00")
    mona = sign_in("mona")
    mona.goto(f"/approvals/{approval['id']}")
    mona.get_by_label("Comment").fill("Which of the two")
    mona.reload()
    expect(mona.get_by_label("Comment")).to_have_value("Which of the two")
    mona.context.clear_cookies()
    mona.goto("/login")
    mona.get_by_label("Name").fill("fay")
    mona.get_by_label("Password").fill(PASSWORD)
    mona.get_by_role("button", name="Sign in").click()
    mona.wait_for_url("**/")
    assert mona.evaluate("Object.keys(sessionStorage).length") == 0


def test_a_decision_is_undone_from_its_message(sign_in: SignIn, desk: Desk) -> None:
    approval = desk.waiting(desk.open_with("Undone at once", undo_window=timedelta(minutes=5)))
    mona = sign_in("mona")
    mona.goto(f"/approvals/{approval['id']}")
    mona.get_by_role("button", name=re.compile("^Approve")).click()
    message = mona.locator(".cs-toasts")
    expect(message).to_contain_text("Approved: ")
    message.get_by_role("button", name="Undo").click()
    expect(message).to_contain_text("Decision undone. The approval is open again.")
    expect(mona.get_by_role("button", name=re.compile("^Approve"))).to_be_enabled()
    seen_again = desk.program("mona").get(f"/approvals/{approval['id']}").json()
    assert (seen_again["state"], seen_again["votes"]) == ("open", [])


def test_a_menu_closes_by_escape_and_by_a_click_elsewhere(sign_in: SignIn) -> None:
    mona = sign_in("mona")
    mona.goto("/")
    menu, entry = mona.locator("summary.cs-who"), mona.get_by_role("link", name="Email settings")
    menu.click()
    expect(entry).to_be_visible()
    mona.keyboard.press("Escape")
    expect(entry).to_be_hidden()
    menu.click()
    expect(entry).to_be_visible()
    mona.get_by_role("main").click(position={"x": 5, "y": 5})
    expect(entry).to_be_hidden()


def test_nothing_selected_cannot_be_reviewed(sign_in: SignIn, desk: Desk) -> None:
    desk.ask("Reviewed Ltd", "10.00", "20.00")
    mona = sign_in("mona")
    mona.goto("/approvals?process=purchase_approval&f.vendor=Reviewed+Ltd")
    review = mona.get_by_role("button", name=re.compile("^Review selected"))
    expect(review).to_be_disabled()
    mona.get_by_label("Select this page").check()
    expect(review).to_be_enabled()
    expect(review).to_contain_text("(2)")
    review.click()
    mona.get_by_role("button", name=re.compile("^Approve 2")).click()
    expect(mona.get_by_role("heading", level=1)).to_have_text("2 requests approved")
