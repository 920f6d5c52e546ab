"""On paper, on a phone, by keyboard and without a script: what is shown is what can be used."""

import re

from playwright.sync_api import Page, expect

from tests.browser.desk import Desk
from tests.browser.looking import DESK, PHONE, SignIn, open_until
from tests.support.purchases import purchase

SMALLEST = 24  # pixels, WCAG 2.5.8


def opened(desk: Desk, title: str) -> tuple[str, str]:
    """A purchase that waits for mona: its reference, and the address of its approval."""
    reference = desk.open("purchase_approval", purchase(title=title))
    return reference, f"/approvals/{desk.waiting(reference)['id']}"


def sizes(page: Page, css: str) -> list[tuple[float, float]]:
    """How large each of these is that can be seen."""
    found = [each.bounding_box() for each in page.locator(css).locator("visible=true").all()]
    return [(box["width"], box["height"]) for box in found if box]


def test_a_case_on_paper_has_no_buttons_no_boxes_and_no_mails(sign_in: SignIn, desk: Desk) -> None:
    reference, approval = opened(desk, "Printed")
    ann, mona = sign_in("ann"), sign_in("mona")
    open_until(ann, f"/cases/{reference}", ann.get_by_role("heading", name="Email history"))
    expect(ann.get_by_label("Add a comment")).to_be_visible()
    mona.goto(approval)
    expect(mona.get_by_role("button", name=re.compile("^Approve"))).to_be_visible()
    for page in (ann, mona):
        page.emulate_media(media="print")
        expect(page.get_by_role("main")).to_contain_text("Standing desk 160 × 80")
        expect(page.locator("button, .btn, textarea, .cs-inbox-panel").locator("visible=true")).to_have_count(0)
    expect(ann.get_by_role("heading", name="Email history")).to_be_hidden()


def test_a_form_on_paper_shows_what_is_typed(sign_in: SignIn) -> None:
    ann = sign_in("ann")
    ann.goto("/processes/purchase_approval/start")
    ann.get_by_label("Title", exact=True).fill("On paper")
    ann.emulate_media(media="print")
    expect(ann.get_by_label("Title", exact=True)).to_be_visible()
    expect(ann.locator("button, .btn").locator("visible=true")).to_have_count(0)


def test_without_a_script_nothing_is_shown_that_needs_one(sign_in: SignIn, desk: Desk) -> None:
    _, approval = opened(desk, "Nothing dead")
    for script in (True, False):
        mona = sign_in("mona", java_script_enabled=script)
        for address in ("/approvals", approval):
            mona.goto(address)
            shown = mona.locator("[data-pick-all], [popovertarget=keys], kbd").locator("visible=true")
            if script:
                expect(shown).not_to_have_count(0)
            else:
                expect(shown).to_have_count(0)
        mona.goto("/approvals")
        expect(mona.get_by_role("link", name="Select this page")).to_be_visible()


def test_on_a_phone_boxes_and_sort_links_can_be_hit(sign_in: SignIn, desk: Desk) -> None:
    opened(desk, "Hit with a thumb")
    mona = PHONE.page(sign_in, "mona")
    mona.goto("/approvals")
    boxes = sizes(mona, "input[name=pick]")
    mona.goto("/approvals?list=all")
    links = sizes(mona, ".cs-table th a, .cs-seg a")
    assert boxes
    assert links
    assert not [size for size in boxes + links if min(size) < SMALLEST]


def test_on_a_phone_a_row_says_what_each_of_its_values_is(sign_in: SignIn) -> None:
    ann = PHONE.page(sign_in, "ann")
    ann.goto("/cases")
    row = ann.locator("main tbody tr").first
    for label in ("Amount", "Opened"):
        before = row.locator(f"td[data-label={label}]").evaluate("cell => getComputedStyle(cell, '::before').content")
        assert label in before


def test_the_activity_is_below_the_request_on_a_phone_and_beside_it_on_a_desktop(sign_in: SignIn, desk: Desk) -> None:
    reference, _ = opened(desk, "Followed on a phone")
    for way, is_below in ((PHONE, True), (DESK, False)):
        ann = way.page(sign_in, "ann")
        ann.goto(f"/cases/{reference}")
        found = [ann.locator(f"section[aria-labelledby={name}]").bounding_box() for name in ("h-what", "h-story")]
        request, activity = [box["y"] for box in found if box]
        assert (activity > request) is is_below
        assert (activity == request) is not is_below


def test_the_edge_of_a_wide_table_shows_that_there_is_more(sign_in: SignIn) -> None:
    ann = PHONE.page(sign_in, "ann")
    ann.goto("/processes/purchase_approval/start")
    style = ann.locator(".cs-scroll").first.evaluate("box => getComputedStyle(box).backgroundAttachment")
    assert style == "local, local, scroll, scroll"


def test_the_comment_and_the_decision_are_a_few_keys_away(sign_in: SignIn, desk: Desk) -> None:
    _, approval = opened(desk, "Three keys away")
    mona = DESK.page(sign_in, "mona")
    mona.goto(approval)
    for _ in range(2):
        mona.keyboard.press("Tab")
    expect(mona.get_by_role("link", name="Skip to decision")).to_be_focused()
    mona.keyboard.press("Enter")
    mona.keyboard.press("Tab")
    expect(mona.get_by_label("Comment")).to_be_focused()
    mona.keyboard.press("Tab")
    expect(mona.get_by_role("button", name=re.compile("^Approve"))).to_be_focused()


def test_names_are_read_once_with_spaces_and_steps_with_their_state(sign_in: SignIn, desk: Desk) -> None:
    reference, approval = opened(desk, "Read aloud")
    ann, mona = sign_in("ann"), sign_in("mona")
    mona.goto(approval)
    expect(mona.locator(".cs-amount")).to_have_text(re.compile(r"^\s*EUR 480\.00\s*$"))
    expect(mona.get_by_role("link", name=re.compile(r"^\s*(\d+|One) unread notifications?\s*$"))).to_be_visible()
    desk.decide(desk.waiting(reference), "approve")
    desk.until(reference, "PO-")
    ann.goto(f"/cases/{reference}")
    first = ann.locator(".cs-miles > li").first
    expect(first).to_have_text(re.compile(r"^\s*Done:\s*\S"))


def test_the_form_of_an_action_stands_in_the_middle(sign_in: SignIn, desk: Desk) -> None:
    _, approval = opened(desk, "In the middle")
    mona = DESK.page(sign_in, "mona")
    mona.goto(f"{approval}/reassign")
    place, form = mona.get_by_role("main").bounding_box(), mona.locator(".cs-dialog").bounding_box()
    assert place
    assert form
    left, right = form["x"] - place["x"], place["x"] + place["width"] - form["x"] - form["width"]
    assert left > SMALLEST
    assert abs(left - right) <= 1  # the line at the left of the content


def test_on_a_phone_more_shows_only_what_the_bar_of_tabs_has_not(sign_in: SignIn) -> None:
    phone, wide = PHONE.page(sign_in, "mona"), DESK.page(sign_in, "mona")
    phone.get_by_role("button", name="More").click()
    shown = phone.locator("#nav a").locator("visible=true")
    expect(shown).to_have_text([re.compile("New request"), re.compile("Articles")])
    everything = [re.compile(name) for name in ("Home", "Inbox", "Cases", "New request", "Articles")]
    expect(wide.locator("#nav a").locator("visible=true")).to_have_text(everything)
