"""No page has an axe violation, in either theme."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.looking import SignIn, violations
from tests.browser.test_a_purchase import ask, send

PAGES = {
    "ann": [
        "/",
        "/cases",
        "/cases?show=all",
        "/processes",
        "/processes/purchase_approval/start",
        "/api/docs",
        "/styleguide",
    ],
    "root": [
        "/approvals",
        "/approvals?list=done",
        "/executions",
        "/health",
        "/cases/PUR-999999",
        "/deliveries",
        "/audit",
        "/audit/proof",
        "/notifications?show=all",
        "/notifications/preferences",
        "/people",
        "/profile",
        "/invitations/new",
        "/groups",
        "/reference-data/cost-centres",
        "/reference-data/cost-centres/entry?key=4200",
        "/reference-data/cost-centres/import",
    ],
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_in_either_theme(sign_in: SignIn, scheme: str) -> None:
    found = []
    for name, paths in PAGES.items():
        page = sign_in(name, color_scheme=scheme)
        for path in paths:
            page.goto(path)
            found += violations(page)
    assert found == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_case_its_approval_its_history_and_a_form_with_errors(sign_in: SignIn, scheme: str) -> None:
    ann, mona, root = (sign_in(name, color_scheme=scheme) for name in ("ann", "mona", "root"))
    title = f"Seen in the {scheme}"
    ask(ann, title)
    reference = send(ann)
    expect(ann.locator("#says")).to_contain_text("Mona Lind has to approve")
    found = violations(ann)
    mona.goto("/approvals")
    found += violations(mona)
    mona.get_by_role("main").get_by_role("link", name=title).first.click()
    mona.wait_for_url(re.compile("/approvals/.+"))
    found += violations(mona)
    root.goto("/executions")
    root.get_by_role("link", name=re.compile(reference)).click()
    root.wait_for_url(re.compile("/executions/.+"))
    found += violations(root)
    ann.goto("/processes/purchase_approval/start")
    ann.get_by_role("button", name="Submit for approval").click()
    expect(ann.get_by_role("alert")).to_contain_text("problems to continue")
    found += violations(ann)
    assert found == []


def test_an_approval_is_decided_with_the_keyboard_alone(sign_in: SignIn) -> None:
    ann, mona = sign_in("ann"), sign_in("mona")
    ask(ann, "Decided by keys")
    send(ann)
    expect(ann.locator("#says")).to_contain_text("Mona Lind has to approve")
    mona.goto("/approvals")
    link = mona.get_by_role("main").get_by_role("link", name="Decided by keys").first
    link.focus()
    mona.keyboard.press("Enter")
    mona.wait_for_url(re.compile("/approvals/.+"))
    mona.keyboard.press("a")
    expect(mona.get_by_role("button", name=re.compile("^Approve"))).to_be_focused()
    mona.keyboard.press("Enter")
    expect(mona.locator(".cs-toasts")).to_contain_text("Approved: Decided by keys.")
