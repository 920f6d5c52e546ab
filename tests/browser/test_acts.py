"""Approval actions other than a decision, with only a keyboard and on a phone without scripts."""

import re
from datetime import date, timedelta

from playwright.sync_api import Page, expect

from tests.browser.desk import Desk
from tests.browser.looking import DESK, EITHER_WAY, Looks, SignIn, Way

BUTTON = re.compile("^Approve")


def open_approval(page: Page, approval_id: str) -> None:
    """Open the page of this approval."""
    page.goto(f"/approvals/{approval_id}")


def go(way: Way, page: Page, link: str) -> None:
    """Open the form of an approval action, which may be in the menu of further ones."""
    action, menu = page.get_by_role("main").get_by_role("link", name=link, exact=True), page.get_by_text("More actions")
    expect(action.or_(menu).first).to_be_visible()
    if not action.is_visible():
        way.press(menu)
    way.press(action)
    page.wait_for_url(re.compile("/approvals/[^/]+/"))


def press(way: Way, page: Page, button: str | re.Pattern[str]) -> None:
    """Press a button on the page."""
    way.press(page.get_by_role("main").get_by_role("button", name=button))


def choose(way: Way, page: Page, name: str) -> None:
    """Find a colleague by name and select them. The list updates while typing, or after a button without scripts."""
    page.get_by_label("Search by name").fill(name.split(maxsplit=1)[0][:3])
    if not way.script:
        page.get_by_role("button", name="Search", exact=True).click()
    expect(page.locator("#people").get_by_role("radio")).to_have_count(1)
    way.pick(page.get_by_role("radio", name=name))


def told(page: Page, words: str) -> None:
    """Expect this message after an action."""
    expect(page.locator(".cs-toasts")).to_contain_text(words)


@EITHER_WAY
def test_claimed_asked_about_answered_and_released(sign_in: SignIn, desk: Desk, look: Looks, way: Way) -> None:
    [first] = desk.ask(f"Asked at the {way.name}", "2000.00")
    finn, ann = way.page(sign_in, "finn"), way.page(sign_in, "ann")
    desk.decide(first, "approve")
    approval = desk.waiting(first["reference"], "finn")
    open_approval(finn, approval["id"])
    press(way, finn, "Claim")
    expect(finn.get_by_role("main")).to_contain_text("You claimed this")
    go(way, finn, "Ask a question")
    look.at(finn, "finn")
    press(way, finn, "Ask Ann")
    expect(finn.get_by_role("alert")).to_be_visible()
    finn.get_by_label("Your question").fill("Is the frame included?")
    press(way, finn, "Ask Ann")
    told(finn, "Question sent. The approval stays open.")
    expect(finn.get_by_role("main")).to_contain_text("Not answered yet")
    ann.goto(f"/cases/{approval['reference']}")
    expect(ann.get_by_role("main")).to_contain_text("An approver asked you a question.")
    way.press(ann.get_by_role("link", name="Answer"))
    look.at(ann, "ann")
    ann.get_by_label("Your answer").fill("It is, and the mounting too.")
    press(way, ann, "Answer Finn")
    told(ann, "Your answer was sent to the approvers.")
    finn.reload()
    expect(finn.get_by_role("main")).to_contain_text("It is, and the mounting too.")
    look.at(finn, "finn")
    press(way, finn, "Release")
    expect(finn.get_by_role("button", name="Claim")).to_be_visible()


@EITHER_WAY
def test_a_colleague_recommends_and_another_one_decides(sign_in: SignIn, desk: Desk, look: Looks, way: Way) -> None:
    [approval] = desk.ask(f"Passed on at the {way.name}", "10.00")
    mona, olga, fay = (way.page(sign_in, name) for name in ("mona", "olga", "fay"))
    open_approval(mona, approval["id"])
    go(way, mona, "Request advice")
    press(way, mona, "Request advice")
    expect(mona.get_by_role("alert")).to_contain_text("Choose a person")
    choose(way, mona, "Olga Petrov")
    mona.get_by_label("Note").fill("Does it fit the hall?")
    look.at(mona, "mona")
    press(way, mona, "Request advice")
    told(mona, "You still make the decision.")
    go(way, mona, "Withdraw advice request")
    press(way, mona, "Withdraw request")
    told(mona, "Request for advice withdrawn.")
    go(way, mona, "Request advice")
    choose(way, mona, "Olga Petrov")
    press(way, mona, "Request advice")
    told(mona, "You still make the decision.")
    open_approval(olga, approval["id"])
    expect(olga.get_by_role("button", name=BUTTON)).to_have_count(0)
    go(way, olga, "Send recommendation")
    look.at(olga, "olga")
    way.pick(olga.get_by_role("radio", name="Approve"))
    olga.get_by_label("Reason").fill("Measured it.")
    press(way, olga, "Send recommendation")
    told(olga, "Recommendation sent.")
    open_approval(mona, approval["id"])
    expect(mona.get_by_role("main")).to_contain_text("Olga Petrov recommends approving: Measured it.")
    look.at(mona, "mona")
    go(way, mona, "Reassign")
    choose(way, mona, "Fay Nowak")
    press(way, mona, "Reassign")
    told(mona, "Approval reassigned.")
    expect(mona.get_by_role("button", name=BUTTON)).to_have_count(0)
    open_approval(fay, approval["id"])
    press(way, fay, BUTTON)
    told(fay, "Approved: ")


@EITHER_WAY
def test_corrected_within_the_decision_and_one_more_has_to_agree(
    sign_in: SignIn, desk: Desk, look: Looks, way: Way
) -> None:
    [approval] = desk.ask(f"Corrected at the {way.name}", "10.00")
    mona, finn = way.page(sign_in, "mona"), way.page(sign_in, "finn")
    open_approval(mona, approval["id"])
    go(way, mona, "Correct request")
    mona.get_by_label("Needed by").fill("2020-01-15")
    press(way, mona, "Save correction")
    expect(mona.get_by_role("alert")).to_be_visible()
    if way is DESK:
        look.at(mona, "mona")
    mona.get_by_label("Needed by").fill("2099-01-15")
    mona.get_by_label("Cost centre").select_option("3100")
    mona.get_by_label("Comment").fill("The workshop pays.")
    press(way, mona, "Save correction")
    told(mona, "Correction saved.")
    difference = mona.get_by_role("row", name=re.compile("Cost centre"))
    expect(difference.locator("del")).to_contain_text("4200")
    expect(difference.locator("ins")).to_contain_text("3100")
    go(way, mona, "Add approver")
    choose(way, mona, "Finn Aalto")
    look.at(mona, "mona")
    press(way, mona, "Add approver")
    told(mona, "One more approval is needed now.")
    press(way, mona, BUTTON)
    told(mona, "Decision recorded, more are needed: ")
    open_approval(finn, approval["id"])
    expect(finn.get_by_role("row", name=re.compile("Cost centre")).locator("ins")).to_contain_text("3100")
    expect(finn.get_by_role("main")).to_contain_text("Mona Lind approved")
    press(way, finn, BUTTON)
    told(finn, "Approved: ")


@EITHER_WAY
def test_sent_back_changed_and_the_difference_is_marked(sign_in: SignIn, desk: Desk, look: Looks, way: Way) -> None:
    [approval] = desk.ask(f"Sent back at the {way.name}", "10.00")
    reference = approval["reference"]
    mona, ann = way.page(sign_in, "mona"), way.page(sign_in, "ann")
    open_approval(mona, approval["id"])
    if way.script:
        mona.keyboard.press("r")
        mona.keyboard.type("Two, and cheaper.")
    else:
        mona.get_by_label("Comment").fill("Two, and cheaper.")
    press(way, mona, "Request changes")
    told(mona, "Changes requested")
    desk.until(reference, "requested changes")
    ann.goto(f"/cases/{reference}")
    expect(ann.get_by_role("main")).to_contain_text("Two, and cheaper.")
    look.at(ann, "ann")
    way.press(ann.get_by_role("link", name="Edit and resubmit"))
    expect(ann.get_by_role("main")).to_contain_text("Two, and cheaper.")
    look.at(ann, "ann")
    ann.locator("[name='items.0.quantity']").fill("2")
    ann.locator("[name='items.0.unit_price']").fill("9")
    press(way, ann, "Resubmit")
    ann.wait_for_url(re.compile(rf"/cases/{reference}"))
    again = desk.waiting(reference)
    open_approval(mona, again["id"])
    expect(mona.get_by_role("main")).to_contain_text("Mona Lind requested changes:")
    expect(mona.get_by_role("main")).to_contain_text("“Two, and cheaper.”")
    marked = mona.get_by_role("region", name="Changes")
    expect(marked.get_by_role("row", name=re.compile("Standing desk 160 × 80, quantity"))).to_be_visible()
    expect(marked.locator("del")).to_contain_text(["1", "10.00"])
    expect(marked.locator("ins")).to_contain_text(["2", "9.00"])
    look.at(mona, "mona")
    ann.goto(f"/cases/{reference}/versions")
    expect(ann.get_by_role("main")).to_contain_text("Version 2")
    look.at(ann, "ann")


@EITHER_WAY
def test_an_administrator_decides_instead_and_the_case_is_marked(
    sign_in: SignIn, desk: Desk, look: Looks, way: Way
) -> None:
    [approval] = desk.ask(f"Overridden at the {way.name}", "10.00")
    root, mona, ann = (way.page(sign_in, name) for name in ("root", "mona", "ann"))
    open_approval(root, approval["id"])
    go(way, root, "Override")
    look.at(root, "root")
    press(way, root, "Override")
    expect(root.get_by_role("alert")).to_contain_text("Choose a decision")
    way.pick(root.get_by_role("radio", name="Reject"))
    press(way, root, "Override")
    expect(root.get_by_role("alert")).to_contain_text("Enter a reason")
    root.get_by_label("Reason for the override").fill("The vendor is barred.")
    press(way, root, "Override")
    told(root, "Approval overridden.")
    open_approval(mona, approval["id"])
    expect(mona.get_by_role("heading", level=1)).to_contain_text("Ruth Root rejected this")
    expect(mona.get_by_role("main")).to_contain_text("Decided by an override")
    expect(mona.get_by_role("main")).to_contain_text("The vendor is barred.")
    look.at(mona, "mona")
    desk.until(approval["reference"], "rejected")
    ann.goto(f"/cases/{approval['reference']}")
    expect(ann.get_by_role("main")).to_contain_text("Decided by an override")
    look.at(ann, "ann")


@EITHER_WAY
def test_a_recall_with_its_reason_closes_what_was_asked(sign_in: SignIn, desk: Desk, look: Looks, way: Way) -> None:
    [approval] = desk.ask(f"Recalled at the {way.name}", "10.00")
    mona, ann = way.page(sign_in, "mona"), way.page(sign_in, "ann")
    ann.goto(f"/cases/{approval['reference']}")
    way.press(ann.get_by_role("link", name="Withdraw"))
    ann.get_by_label(re.compile("Reason")).fill("Found one in storage.")
    look.at(ann, "ann")
    press(way, ann, re.compile("Withdraw"))
    told(ann, "withdrawn")
    open_approval(mona, approval["id"])
    expect(mona.get_by_role("heading", level=1)).to_contain_text("withdrew this")
    expect(mona.get_by_role("button", name=BUTTON)).to_have_count(0)


@EITHER_WAY
def test_a_substitute_decides_for_who_is_away(sign_in: SignIn, desk: Desk, look: Looks, way: Way) -> None:
    small, large = desk.ask(f"Stood in at the {way.name}", "10.00", "900.00")
    mona, fay = way.page(sign_in, "mona"), way.page(sign_in, "fay")
    mona.goto("/people/me/substitutes")
    choose(way, mona, "Fay Nowak")
    mona.get_by_label("Last day").fill((date.today() - timedelta(days=3)).isoformat())  # noqa: DTZ011 - long ago
    press(way, mona, "Set substitute")
    expect(mona.get_by_role("alert")).to_contain_text("not in the past")
    mona.get_by_label("Last day").fill((date.today() + timedelta(days=3)).isoformat())  # noqa: DTZ011 - far ahead
    mona.get_by_label("Maximum amount").fill("500")
    way.pick(mona.get_by_role("checkbox", name="Purchase"))
    press(way, mona, "Set substitute")
    expect(mona.get_by_role("heading", level=1)).to_contain_text("Fay Nowak decides for you now")
    expect(mona.get_by_role("main")).to_contain_text("Up to 500.00")
    look.at(mona, "mona")
    open_approval(fay, large["id"])
    expect(fay.get_by_role("button", name=BUTTON)).to_have_count(0)
    open_approval(fay, small["id"])
    expect(fay.get_by_role("main")).to_contain_text("You decide on behalf of Mona Lind")
    look.at(fay, "fay")
    press(way, fay, BUTTON)
    told(fay, "Approved: ")
    open_approval(mona, small["id"])
    expect(mona.get_by_role("main")).to_contain_text("Fay Nowak, for Mona Lind, approved today")
    mona.goto("/people/me/substitutes")
    press(way, mona, "End now")
    told(mona, "Substitution ended.")
    expect(mona.get_by_role("heading", level=1)).to_contain_text("You have no substitute")


@EITHER_WAY
def test_an_answer_is_taken_back_while_nothing_ran_because_of_it(
    sign_in: SignIn, desk: Desk, look: Looks, way: Way
) -> None:
    title = f"Taken back at the {way.name}"
    approval = desk.waiting(desk.open_with(title, undo_window=timedelta(hours=1)))
    mona = way.page(sign_in, "mona")
    open_approval(mona, approval["id"])
    press(way, mona, BUTTON)
    told(mona, "Approved: ")
    open_approval(mona, approval["id"])
    expect(mona.get_by_role("heading", level=1)).to_contain_text("Mona Lind approved this")
    go(way, mona, "Undo my decision")
    look.at(mona, "mona")
    press(way, mona, "Undo")
    told(mona, "Decision undone. The approval is open again.")
    expect(mona.get_by_role("button", name=BUTTON)).to_be_visible()
    desk.until(approval["reference"], "Mona Lind has to approve")
