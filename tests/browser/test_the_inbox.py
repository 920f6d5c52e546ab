"""The inbox in the browser: saved filters, keyboard, and bulk decisions, on desktop and phone."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.desk import Desk
from tests.browser.looking import SignIn, open_until, violations

PHONE, DESKTOP = {"width": 390, "height": 800}, {"width": 1280, "height": 900}
PATHS = (
    "/approvals?process=purchase_approval&amount_from=1&sort=priority",
    "/approvals?list=all&state=any",
    "/approvals?list=unclaimed",
    "/approvals?list=done",
    "/approvals?f.vendor=nobody",
    "/approvals/filters",
)


def of_vendor(page: Page, vendor: str, order: str = "Soonest due") -> None:
    """Filter by process and then by vendor, which is a column of the process."""
    page.goto("/approvals")
    page.get_by_text("Filters").click()
    page.get_by_label("Process").select_option(label="Purchase")
    page.get_by_role("button", name="Apply", exact=True).click()
    page.get_by_label("Vendor").fill(vendor)
    page.get_by_label("Sort by").select_option(label=order)
    page.get_by_role("button", name="Apply", exact=True).click()


def titles(page: Page) -> list[str]:
    return page.get_by_role("main").locator("[data-item]").all_inner_texts()


def test_a_filter_is_set_kept_and_used_again_without_a_script(sign_in: SignIn, desk: Desk) -> None:
    desk.ask("Kept Ltd", "30.00", "10.00", "20.00")
    mona = sign_in("mona", java_script_enabled=False)
    of_vendor(mona, "Kept Ltd", "Highest amount")
    expect(mona.get_by_role("main")).to_contain_text("3 of 3")
    assert titles(mona) == ["Kept Ltd for 30.00", "Kept Ltd for 20.00", "Kept Ltd for 10.00"]
    mona.get_by_role("link", name="Amount").click()
    assert titles(mona)[0] == "Kept Ltd for 10.00"
    expect(mona.get_by_role("columnheader", name="Amount")).to_have_attribute("aria-sort", "ascending")
    mona.get_by_text("Save filter").click()
    mona.get_by_label("Name", exact=True).fill("Small ones of Kept")
    mona.get_by_role("button", name="Save", exact=True).click()
    mona.goto("/approvals")
    mona.get_by_role("link", name="Small ones of Kept").click()
    assert len(titles(mona)) == 3
    mona.get_by_role("link", name="Remove Vendor").click()
    expect(mona.get_by_role("link", name="Remove Vendor")).to_have_count(0)


def test_the_keyboard_alone_goes_through_a_list_and_decides(sign_in: SignIn, desk: Desk) -> None:
    desk.ask("Keys Ltd", "10.00", "20.00", "30.00")
    mona = sign_in("mona")
    mona.goto("/approvals?f.vendor=Keys+Ltd&sort=amount")
    press = mona.keyboard.press
    for key, title in (("j", "10.00"), ("j", "20.00"), ("k", "10.00"), ("k", "10.00"), ("j", "20.00")):
        press(key)
        expect(mona.get_by_role("link", name=f"Keys Ltd for {title}")).to_be_focused()
    press("?")
    expect(mona.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    press("Escape")
    expect(mona.get_by_role("dialog", name="Keyboard shortcuts")).to_be_hidden()
    press("Enter")
    expect(mona.get_by_role("heading", level=1)).to_contain_text("Keys Ltd for 20.00")
    press("r")
    expect(mona.get_by_label("Comment")).to_be_focused()
    press("a")
    expect(mona.get_by_label("Comment")).to_have_value("a")
    press("Shift+Tab")
    press("a")
    expect(mona.get_by_role("button", name=re.compile("^Approve"))).to_be_focused()
    press("Enter")
    expect(mona.locator(".cs-toasts")).to_contain_text("Next: Keys Ltd for 30.00.")
    assert "f.vendor=Keys+Ltd" in mona.url
    press("k")
    press("Enter")
    expect(mona.get_by_role("heading", level=1)).to_contain_text("Keys Ltd for 10.00")


@pytest.mark.parametrize("window", [PHONE, DESKTOP], ids=["phone", "desk"])
def test_what_came_of_one_answer_covers_no_button_of_the_next(
    sign_in: SignIn, desk: Desk, window: dict[str, int]
) -> None:
    vendor = f"Cover {window['width']}"
    first, _ = desk.ask(vendor, "10.00", "20.00")
    mona = sign_in("mona", viewport=window)
    mona.goto(f"/approvals/{first['id']}?f.vendor={vendor.replace(' ', '+')}")
    mona.get_by_role("button", name="Approve EUR 10.00").click()
    expect(mona.get_by_role("status").first).to_contain_text(f"Next: {vendor} for 20.00.")
    said = mona.locator(".cs-toast").bounding_box()
    assert said
    for name in ("Approve EUR 20.00", "Reject", "Request changes"):
        button = mona.get_by_role("button", name=name).bounding_box()
        assert button
        assert said["y"] + said["height"] <= button["y"], name


@pytest.mark.parametrize(
    "window", [{"width": 390, "height": 640}, {"width": 1280, "height": 560}], ids=["phone", "desk"]
)
def test_the_bar_for_many_rows_is_in_view_and_covers_nothing_that_has_the_focus(
    sign_in: SignIn, desk: Desk, window: dict[str, int]
) -> None:
    vendor = f"Bar {window['width']}"
    desk.ask(vendor, "10.00", "11.00", "12.00", "13.00", "14.00", "15.00", "16.00")
    mona = sign_in("mona", java_script_enabled=False, viewport=window, reduced_motion="reduce")
    mona.goto(f"/approvals?f.vendor={vendor.replace(' ', '+')}&picked=page")
    bar, tabs = mona.locator("#bulk").bounding_box(), mona.locator(".cs-tabbar").bounding_box()
    last = mona.locator("[data-row]").last.bounding_box()
    assert bar
    assert last
    bottom = tabs["y"] if tabs else window["height"]
    assert last["y"] + last["height"] > bottom
    assert bar["y"] + bar["height"] <= bottom + 1
    expect(mona.get_by_role("button", name="Review selected (7)")).to_be_visible()
    for link in mona.locator("[data-item]").all():
        link.focus()
        focused = link.bounding_box()
        assert focused
        assert focused["y"] + focused["height"] <= bar["y"]


@pytest.mark.parametrize("script", [True, False], ids=["with a script", "without"])
def test_many_are_answered_at_once_but_not_what_changed(sign_in: SignIn, desk: Desk, script: bool) -> None:  # noqa: FBT001
    vendor = f"Bulk {'with' if script else 'without'} script"
    approvals = desk.ask(vendor, "10.00", "11.00", "12.00", "900.00")
    mona = sign_in("mona", java_script_enabled=script, viewport=DESKTOP if script else PHONE)
    mona.goto(f"/approvals?f.vendor={vendor.replace(' ', '+')}&sort=amount")
    if script:
        mona.get_by_label("Select this page").check()
    else:
        mona.get_by_role("link", name="Select this page").click()
    desk.correct(approvals[1], cost_centre="3100")
    mona.get_by_role("button", name="Review selected").click()
    main = mona.get_by_role("main")
    expect(mona.get_by_role("heading", level=1)).to_contain_text("Decide 3 requests at once")
    expect(main).to_contain_text("Changed since you selected it")
    expect(main).to_contain_text("more than three times the usual amount")
    if script:
        assert violations(mona) == []
    assert mona.evaluate("document.documentElement.scrollWidth") <= (DESKTOP if script else PHONE)["width"]
    mona.get_by_role("button", name="Reject 3").click()
    expect(mona.get_by_role("alert")).to_contain_text("Enter a comment")
    mona.get_by_label("Comment").fill("All within the budget.")
    mona.get_by_role("button", name="Approve 3 for EUR 922.00").click()
    ended = "4 of 4 processed · 3 approved · 1 not decided"
    if not script:
        open_until(mona, mona.url, main.get_by_text(ended))
    expect(main).to_contain_text(ended)
    expect(main.get_by_role("progressbar")).to_be_visible()
    if script:
        assert violations(mona) == []
    expect(mona.get_by_role("row", name=re.compile("for 11.00"))).to_contain_text("Nothing was decided")
    mona.goto(f"/approvals?f.vendor={vendor.replace(' ', '+')}")
    assert titles(mona) == [f"{vendor} for 11.00"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_lists_fit_a_phone_and_break_no_rule(sign_in: SignIn, desk: Desk, scheme: str) -> None:
    desk.ask(f"Phone {scheme}", "10.00", "900.00")
    found = []
    for viewport in (PHONE, DESKTOP):
        mona = sign_in("mona", color_scheme=scheme, viewport=viewport)
        for path in PATHS:
            mona.goto(path)
            found += violations(mona)
            assert mona.evaluate("document.documentElement.scrollWidth") <= viewport["width"], path
    mona.goto("/approvals")
    mona.get_by_role("button", name="Keyboard shortcuts").click()
    found += violations(mona)
    assert found == []


def test_a_list_refreshes_itself_but_not_under_who_selects(sign_in: SignIn, desk: Desk) -> None:
    approvals = desk.ask("Picked Ltd", "10.00", "20.00")
    mona = sign_in("mona")
    mona.clock.install()
    mona.goto("/approvals?f.vendor=Picked+Ltd")
    with mona.expect_request("**/approvals?f.vendor=Picked+Ltd"):
        mona.clock.run_for(11_000)
    box = mona.get_by_label(f"Select {approvals[0]['reference']}")
    box.check()
    desk.ask("Picked Ltd", "30.00")
    with mona.expect_response(lambda response: "/approvals?" in response.url and response.status == 200):
        mona.clock.run_for(11_000)
    expect(mona.locator("#announcer")).to_contain_text("need your attention")
    expect(mona.get_by_role("link", name="Picked Ltd for 30.00")).to_have_count(0)
    expect(box).to_be_checked()
    box.uncheck()
    mona.clock.run_for(11_000)
    expect(mona.get_by_role("link", name="Picked Ltd for 30.00")).to_be_visible()


def test_a_row_is_approved_in_the_list_which_does_not_move_under_the_pointer(sign_in: SignIn, desk: Desk) -> None:
    [first] = desk.ask("Aimed Ltd", "10.00")
    mona = sign_in("mona")
    mona.clock.install()
    mona.goto("/approvals?f.vendor=Aimed+Ltd")
    desk.ask("Aimed Ltd", "20.00")
    button = mona.get_by_role("button", name=f"Approve {first['reference']}")
    other = mona.get_by_role("link", name="Aimed Ltd for 20.00")
    mona.clock.run_for(1_000)
    button.hover()
    with mona.expect_response(lambda response: "/approvals?" in response.url and response.status == 200):
        mona.clock.run_for(1_500)
    expect(mona.locator("#announcer")).to_contain_text("need your attention")
    expect(other).to_have_count(0)
    mona.clock.run_for(6_000)
    expect(other).to_be_visible()
    button.click()
    expect(mona.get_by_text("Approved: Aimed Ltd for 10.00.")).to_be_visible()
    expect(mona.get_by_role("button", name="Undo")).to_be_visible()
    expect(button).to_have_count(0)
    assert mona.url.endswith("/approvals?f.vendor=Aimed+Ltd")
