"""A purchase from the request to the order, in the browser."""

import os
import re
import signal

import pytest
from playwright.sync_api import Page, expect

from tests.browser.looking import SignIn, open_until
from tests.support.desk_over_rest import wait_for
from tests.support.running import PASSWORD, Running

PDF = {"name": "offer.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 an offer"}
LINES = (("Standing desk", "2", "400"), ("Lamp", "4", "50"), ("Mat", "10", "20"))
SCRIPT = pytest.mark.parametrize("script", [True, False], ids=["with a script", "without"])


def ask(page: Page, title: str, lines: tuple[tuple[str, str, str], ...] = LINES[:1]) -> None:
    """Fill in the form without submitting it."""
    page.goto("/processes/purchase_approval/start")
    page.get_by_label("Title", exact=True).fill(title)
    page.get_by_label("Needed by").fill("2099-01-15")
    page.get_by_label("Vendor").fill("Nordwerk Möbel GmbH")
    page.get_by_label("Cost centre").select_option("4200")
    page.get_by_label("Justification").fill("The old ones fail the inspection.")
    for index, line in enumerate(lines):
        if index:
            page.get_by_role("button", name="Add line").click()
        for name, value in zip(("description", "quantity", "unit_price"), line, strict=True):
            page.locator(f"[name='items.{index}.{name}']").fill(value)


def send(page: Page) -> str:
    """Submit the form and return the reference of the case."""
    page.get_by_role("button", name="Submit for approval").click()
    page.wait_for_url(re.compile(r"/cases/PUR-\d+"))
    return page.url.rsplit("/", 1)[1].partition("?")[0]


def approve(page: Page, title: str) -> None:
    """Approve the case with this title from the inbox."""
    link = page.get_by_role("main").get_by_role("link", name=title).first
    open_until(page, "/approvals", link)
    link.click()
    page.get_by_role("button", name=re.compile("^Approve")).click()
    expect(page.locator(".cs-toasts")).to_contain_text(re.compile("Approved: |Decision recorded"))


def all_others(parts: dict[str, int], before: dict[str, int]) -> bool:
    """Whether every process runs again, with a new pid."""
    return set(parts) == set(before) and not set(parts.values()) & set(before.values())


@SCRIPT
def test_asked_mended_approved_by_two_and_ordered(sign_in: SignIn, script: bool) -> None:  # noqa: FBT001
    title = f"Desks for the office, {'with' if script else 'without'} a script"
    ann = sign_in("ann", java_script_enabled=script)
    ask(ann, title, LINES)
    ann.get_by_label("Title", exact=True).fill("")
    ann.get_by_label("Attachments").set_input_files(PDF)
    ann.get_by_role("button", name="Submit for approval").click()
    expect(ann.get_by_role("alert")).to_contain_text("Fix one problem")
    expect(ann.get_by_role("link", name="offer.pdf")).to_be_visible()
    ann.get_by_label("Title", exact=True).fill(title)
    reference = send(ann)
    expect(ann.get_by_role("main")).to_contain_text("1,200.00")
    if script:
        expect(ann.locator("#says")).to_contain_text("Mona Lind has to approve")
    for name in ("mona", "finn"):
        approve(sign_in(name, java_script_enabled=script), title)
    if not script:
        open_until(ann, f"/cases/{reference}", ann.locator("#says", has_text="PO-"))
    expect(ann.locator("#says")).to_contain_text(re.compile(r"Order PO-\d+ was sent to Nordwerk"))


def test_a_double_click_opens_one_case(sign_in: SignIn) -> None:
    ann = sign_in("ann")
    ask(ann, "Clicked twice")
    ann.get_by_role("button", name="Submit for approval").dblclick()
    ann.wait_for_url(re.compile(r"/cases/PUR-\d+"))
    ann.goto("/cases?q=Clicked+twice")
    expect(ann.get_by_role("row", name=re.compile("Clicked twice"))).to_have_count(1)


def test_a_no_needs_a_reason_and_ends_the_case(sign_in: SignIn) -> None:
    ann, mona = sign_in("ann"), sign_in("mona")
    ask(ann, "Golden chairs")
    reference = send(ann)
    expect(ann.locator("#says")).to_contain_text("Mona Lind has to approve")
    expect(ann.get_by_role("link", name="Withdraw")).to_be_visible()
    mona.goto("/approvals")
    mona.get_by_role("main").get_by_role("link", name="Golden chairs").first.click()
    mona.get_by_role("button", name="Reject").click()
    expect(mona.get_by_role("alert")).to_contain_text("reason")
    mona.get_by_label("Comment").fill("Wood will do.")
    mona.get_by_role("button", name="Reject").click()
    expect(mona.locator(".cs-toasts")).to_contain_text("Rejected: Golden chairs.")
    expect(ann.locator("#says")).to_contain_text("Mona Lind rejected the request")
    expect(ann.get_by_role("link", name="Withdraw")).to_have_count(0)
    ann.goto(f"/cases/{reference}")
    expect(ann.get_by_role("main")).to_contain_text("Wood will do.")


def test_what_is_sent_back_is_changed_and_asked_again(sign_in: SignIn) -> None:
    ann, mona = sign_in("ann"), sign_in("mona")
    ask(ann, "Chairs by the dozen")
    reference = send(ann)
    expect(ann.locator("#says")).to_contain_text("Mona Lind has to approve")
    mona.goto("/approvals")
    mona.get_by_role("main").get_by_role("link", name="Chairs by the dozen").first.click()
    mona.get_by_label("Comment").fill("Six are enough.")
    mona.get_by_role("button", name="Request changes").click()
    expect(mona.locator(".cs-toasts")).to_contain_text("Changes requested")
    expect(ann.locator("#says")).to_contain_text("requested changes; you can change the request now")
    ann.goto(f"/cases/{reference}/amend")
    expect(ann.get_by_role("main")).to_contain_text("Mona Lind requested changes: “Six are enough.”")
    ann.locator("[name='items.0.quantity']").fill("1")
    ann.get_by_role("button", name="Resubmit").click()
    ann.wait_for_url(re.compile(rf"/cases/{reference}$"))
    approve(mona, "Chairs by the dozen")
    expect(ann.locator("#says")).to_contain_text(re.compile(r"Order PO-\d+"))


def test_a_recall_ends_it_and_nobody_is_asked_any_more(sign_in: SignIn) -> None:
    ann, mona = sign_in("ann"), sign_in("mona")
    ask(ann, "Taken back again")
    send(ann)
    expect(ann.locator("#says")).to_contain_text("Mona Lind has to approve")
    ann.get_by_role("link", name="Withdraw").click()
    ann.get_by_role("button", name=re.compile("Withdraw")).click()
    expect(ann.locator("#says")).to_contain_text("withdrawn")
    mona.goto("/approvals")
    expect(mona.get_by_role("main").get_by_role("link", name="Taken back again")).to_have_count(0)


def test_an_operator_reads_the_history_with_its_decrypted_input(sign_in: SignIn) -> None:
    ann, root = sign_in("ann"), sign_in("root")
    ask(ann, "Read by the operator")
    reference = send(ann)
    expect(ann.locator("#says")).to_contain_text("Mona Lind has to approve")
    link = root.get_by_role("link", name=re.compile(reference))
    open_until(root, "/executions?process=purchase_approval", link)
    link.click()
    expect(root.get_by_role("heading", level=1)).to_contain_text(reference)
    root.get_by_role("link", name="Input and result").click()
    expect(root.get_by_role("main")).to_contain_text("Read by the operator")


def test_everything_that_is_killed_comes_back_and_loses_nothing(sign_in: SignIn, running: Running) -> None:
    ann = sign_in("ann")
    before = running.parts()
    assert set(before) == {"web", "relay", "workflow", "activity"}
    os.kill(before["relay"], signal.SIGKILL)
    os.kill(before["workflow"], signal.SIGKILL)
    os.kill(before["activity"], signal.SIGKILL)
    ask(ann, "Asked while all were dead")
    reference = send(ann)
    os.kill(before["web"], signal.SIGKILL)
    wait_for(lambda: all_others(running.parts(), before), 60)
    running.wait_until_ready()
    approve(sign_in("mona"), "Asked while all were dead")
    ann.goto(f"/cases/{reference}")
    expect(ann.locator("#says")).to_contain_text(re.compile(r"Order PO-\d+"))


@SCRIPT
def test_a_session_that_ended_costs_nothing_that_was_typed(sign_in: SignIn, script: bool) -> None:  # noqa: FBT001
    ann = sign_in("ann", java_script_enabled=script)
    ask(ann, "Typed before lunch")
    ann.context.clear_cookies()
    ann.get_by_role("button", name="Submit for approval").click()
    expect(ann.get_by_role("main")).to_contain_text("Your input was kept")
    ann.get_by_label("Name").fill("ann")
    ann.get_by_label("Password").fill(PASSWORD)
    ann.get_by_role("button", name="Sign in").click()
    ann.get_by_role("button", name="Continue editing").click()
    expect(ann.get_by_label("Title", exact=True)).to_have_value("Typed before lunch")
    send(ann)
    expect(ann.get_by_role("main")).to_contain_text("Typed before lunch")


def test_a_case_that_cannot_be_refreshed_says_so_until_it_can_again(sign_in: SignIn, running: Running) -> None:
    ann = sign_in("ann")
    ask(ann, "Watched while the database stood still")
    send(ann)
    fresh = ann.locator("#status .cs-fresh")
    expect(fresh.get_by_text("Live")).to_be_visible()
    family = running.family("postgres")
    try:
        for pid in family:
            os.kill(pid, signal.SIGSTOP)
        expect(fresh.get_by_text("No new data right now")).to_be_visible(timeout=20_000)
        expect(fresh.get_by_text("Live")).to_be_hidden()
    finally:
        for pid in family:
            os.kill(pid, signal.SIGCONT)
    expect(fresh.get_by_text("Live")).to_be_visible(timeout=20_000)
    expect(fresh.get_by_text("No new data right now")).to_be_hidden()
