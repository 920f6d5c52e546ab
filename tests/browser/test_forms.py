"""Forms as people fill them in: nothing typed is lost, totals follow, the focus is where one goes on."""

import re
from typing import Any

import pytest
from playwright.sync_api import ConsoleMessage, Dialog, Page, expect

from tests.browser.looking import SignIn, open_until
from tests.browser.test_a_purchase import PDF, SCRIPT, ask, send

START = "/processes/purchase_approval/start"
PROGRAM = {"name": "tool.exe", "mimeType": "application/octet-stream", "buffer": b"MZ a program"}


def description(page: Page, line: int) -> Any:
    return page.locator(f"[name='items.{line}.description']")


def resize(page: Page, label: str) -> None:
    """Pull the corner of a field, which gives it a style of its own."""
    field = page.get_by_label(label)
    field.scroll_into_view_if_needed()
    box = field.bounding_box()
    assert box
    x, y = box["x"] + box["width"] - 4, box["y"] + box["height"] - 4
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + 60)
    page.mouse.up()
    expect(field).to_have_attribute("style", re.compile("height"))


def answering(page: Page, *, accept: bool) -> list[str]:
    """What the page asks before it is left; each question is answered like this."""
    asked: list[str] = []

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.message or dialog.type)
        (dialog.accept if accept else dialog.dismiss)()

    page.on("dialog", answer)
    return asked


@SCRIPT
def test_errors_get_the_focus_and_are_in_view(sign_in: SignIn, script: bool) -> None:  # noqa: FBT001
    ann = sign_in("ann", java_script_enabled=script, viewport={"width": 1280, "height": 620})
    ann.goto(START)
    ann.get_by_role("button", name="Submit for approval").click()
    summary = ann.get_by_role("alert")
    expect(summary).to_contain_text("problems to continue")
    expect(summary).to_be_in_viewport()
    expect(summary).to_be_focused()
    ann.keyboard.press("Tab")
    expect(summary.get_by_role("link").first).to_be_focused()


@SCRIPT
def test_lines_are_added_and_removed_by_keyboard_and_the_focus_goes_along(sign_in: SignIn, script: bool) -> None:  # noqa: FBT001
    ann = sign_in("ann", java_script_enabled=script)
    ann.goto(START)
    for line in (1, 2):
        ann.get_by_role("button", name="Add line").focus()
        ann.keyboard.press("Enter")
        expect(description(ann, line)).to_be_focused()
        ann.keyboard.type(f"Number {line}")
    ann.get_by_role("button", name="Remove line 2").focus()
    ann.keyboard.press("Enter")
    expect(description(ann, 1)).to_be_focused()
    expect(description(ann, 1)).to_have_value("Number 2")
    ann.get_by_role("button", name="Remove line 2").focus()
    ann.keyboard.press("Enter")
    expect(description(ann, 0)).to_be_focused()


@SCRIPT
def test_a_refused_file_is_named_when_the_draft_is_kept(sign_in: SignIn, script: bool) -> None:  # noqa: FBT001
    ann = sign_in("ann", java_script_enabled=script)
    ask(ann, "With a program")
    ann.get_by_label("Attachments").set_input_files([PROGRAM, PDF])
    ann.get_by_role("button", name="Save draft").click()
    expect(ann.get_by_role("alert")).to_contain_text("tool.exe is not")
    expect(ann.get_by_role("link", name="offer.pdf")).to_be_visible()
    expect(ann.locator("#saved")).to_contain_text("Draft saved")
    ann.get_by_role("button", name="Delete draft").click()
    if not script:
        expect(ann.locator(".cs-toasts")).to_contain_text("Draft deleted")


def test_totals_and_approvers_follow_while_one_types(sign_in: SignIn) -> None:
    ann = sign_in("ann")
    ask(ann, "Counted while typing")
    total = ann.locator("#f-items-total")
    expect(total).to_have_text("EUR 800.00")
    price = ann.locator("[name='items.0.unit_price']")
    price.fill("")
    price.press_sequentially("5000.50")
    expect(total).to_have_text("EUR 10,001.00")
    expect(ann.locator("#t-items-0")).to_have_text("10,001.00")
    expect(ann.locator("#who")).to_contain_text("Finance")
    expect(price).to_be_focused()
    expect(ann.get_by_role("button", name="Update totals", exact=True).locator("visible=true")).to_have_count(0)


def test_without_a_script_a_button_counts(sign_in: SignIn) -> None:
    ann = sign_in("ann", java_script_enabled=False)
    ask(ann, "Counted by a button")
    ann.get_by_role("button", name="Update totals").last.click()
    expect(ann.locator("#f-items-total")).to_have_text("EUR 800.00")


def test_what_is_typed_survives_a_closed_tab(sign_in: SignIn) -> None:
    ann = sign_in("ann")
    ann.goto(START)
    ann.get_by_label("Title", exact=True).press_sequentially("Saved by itself")
    expect(ann.locator("#saved")).to_contain_text(re.compile(r"Draft saved \d\d:\d\d"))
    expect(ann).to_have_url(re.compile(r"/start\?draft=[0-9a-f-]{36}$"))
    ann.reload()
    expect(ann.get_by_label("Title", exact=True)).to_have_value("Saved by itself")
    other = ann.context.new_page()
    ann.close()
    other.goto("/")
    other.get_by_role("link", name="Saved by itself").first.click()
    expect(other.get_by_label("Title", exact=True)).to_have_value("Saved by itself")


def test_a_tab_that_is_closed_at_once_saves_what_was_typed(sign_in: SignIn) -> None:
    ann = sign_in("ann")
    other = ann.context.new_page()
    ann.goto(START)
    ann.get_by_label("Title", exact=True).press_sequentially("Typed and gone")
    ann.close()
    open_until(other, "/", other.get_by_role("link", name="Typed and gone"))


@SCRIPT
def test_back_after_sending_leads_to_what_was_sent(sign_in: SignIn, script: bool) -> None:  # noqa: FBT001
    ann = sign_in("ann", java_script_enabled=script)
    ask(ann, "Sent and looked back")
    if not script:
        ann.get_by_role("button", name="Save draft").click()
        expect(ann.get_by_role("button", name="Delete draft")).to_be_visible()
    reference = send(ann)
    ann.go_back()
    main = ann.get_by_role("main")
    expect(main).to_contain_text(f"Already sent as {reference}")
    main.get_by_role("link", name=f"Open {reference}").click()
    ann.wait_for_url(f"**/cases/{reference}")


def test_without_a_script_the_form_that_was_never_saved_names_what_was_sent(sign_in: SignIn) -> None:
    ann = sign_in("ann", java_script_enabled=False)
    ask(ann, "Sent at once")
    reference = send(ann)
    ann.go_back()
    expect(ann.get_by_role("main")).to_contain_text(f"Already sent as {reference}: Sent at once")


def test_who_leaves_unsaved_input_is_asked(sign_in: SignIn) -> None:
    ann = sign_in("ann")
    ann.goto(START)
    asked = answering(ann, accept=False)
    title = ann.get_by_label("Title", exact=True)
    title.press_sequentially("Not yet saved")
    ann.get_by_role("navigation", name="Main").get_by_role("link", name="Cases").click(no_wait_after=True)
    expect(title).to_have_value("Not yet saved")
    assert asked == ["beforeunload"]


def test_discarding_asks_and_leaves_no_draft(sign_in: SignIn) -> None:
    ann = sign_in("ann")
    ann.goto(START)
    asked = answering(ann, accept=True)
    ann.get_by_label("Title", exact=True).press_sequentially("Thrown away")
    expect(ann.get_by_role("button", name="Delete draft")).to_be_visible()
    ann.get_by_role("button", name="Delete draft").click()
    expect(ann.locator(".cs-toasts")).to_contain_text("Draft deleted")
    assert asked == ["Delete this draft?"]
    expect(ann.get_by_role("link", name="Thrown away")).to_have_count(0)


def test_an_untouched_form_is_left_without_a_question(sign_in: SignIn) -> None:
    ann = sign_in("ann")
    ann.goto(START)
    asked = answering(ann, accept=True)
    ann.get_by_role("link", name="Discard").click()
    ann.wait_for_url("**/")
    assert asked == []


@pytest.mark.parametrize("width", [1280, 390])
def test_no_journey_through_a_form_logs_an_error(sign_in: SignIn, width: int) -> None:
    ann = sign_in("ann", viewport={"width": width, "height": 800})
    logged: list[str] = []

    def note(message: ConsoleMessage) -> None:
        expected = "status of 422"  # the browser notes each answer that is an error
        if message.type in {"error", "warning"} and expected not in message.text:
            logged.append(message.text)

    ann.on("console", note)
    ann.on("pageerror", lambda error: logged.append(str(error)))
    ann.goto(START)
    for _ in range(2):
        ann.get_by_role("button", name="Submit for approval").click()
        expect(ann.get_by_role("alert")).to_be_focused()
    resize(ann, "Justification")
    ann.get_by_role("button", name="Add line").click()
    expect(description(ann, 1)).to_be_focused()
    ann.get_by_role("button", name="Remove line 2").click()
    expect(description(ann, 0)).to_be_focused()
    ask(ann, "Without a word in the console")
    expect(ann.locator("#saved")).to_contain_text("Draft saved")
    send(ann)
    ann.goto("/")
    assert logged == []
