"""Links of emails in a real browser: opening one decides nothing; the button of a personal link decides once."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.looking import SignIn, open_until, violations
from tests.browser.test_a_purchase import ask, send
from tests.support.running import PASSWORD, Running


@pytest.fixture
def stranger(browser: Browser, running: Running) -> Iterator[Page]:
    """A browser with scripts and without a session."""
    context = browser.new_context(base_url=running.address, locale="en-GB")
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()


def links_to_mona(sign_in: SignIn, title: str) -> tuple[str, list[str]]:
    """Open a request by ann; its reference, and the links in the email to mona."""
    ann, mona = sign_in("ann"), sign_in("mona")
    ask(ann, title)
    reference = send(ann)
    link = mona.get_by_role("link", name="Approval request")
    open_until(mona, f"/cases/{reference}", mona.locator(".cs-mails .cs-status-ok"))
    link.click()
    email = mona.get_by_role("region", name="Email text").locator("pre")
    expect(email).to_contain_text(f"{title} needs your approval")
    return reference, re.findall(r"https?://\S+", email.inner_text())


def test_every_link_opened_ten_times_with_scripts_decides_nothing_and_then_the_button_does_once(
    sign_in: SignIn, stranger: Page
) -> None:
    reference, links = links_to_mona(sign_in, "Opened by a scanner")
    personal = next(link for link in links if "/answer/" in link)
    assert {urlsplit(link).path.split("/")[1] for link in links} == {"approvals", "answer", "notifications"}
    for link in links:
        for _ in range(10):
            stranger.goto(link, wait_until="load")
            stranger.request.head(link)
    ann = sign_in("ann")
    ann.goto(f"/cases/{reference}")
    expect(ann.locator("#says")).to_contain_text("Mona Lind has to approve")
    stranger.goto(personal)
    assert violations(stranger) == []
    stranger.get_by_role("button", name=re.compile("^Approve")).click()
    expect(stranger.get_by_role("heading", level=1)).to_contain_text("Mona Lind approved this")
    expect(stranger.get_by_role("button")).to_have_count(0)
    stranger.goto(personal)
    expect(stranger.get_by_role("heading", level=1)).to_contain_text("Mona Lind approved this")


def test_a_link_survives_the_sign_in(sign_in: SignIn, stranger: Page) -> None:
    _, links = links_to_mona(sign_in, "Opened before signing in")
    link = next(link for link in links if "/approvals/" in link)
    stranger.goto(link)
    stranger.get_by_label("Name").fill("mona")
    stranger.get_by_label("Password").fill(PASSWORD)
    stranger.get_by_role("button", name="Sign in").click()
    stranger.wait_for_url(link)
    expect(stranger.get_by_role("heading", level=1)).to_contain_text("Opened before signing in")


@pytest.mark.parametrize("script", [True, False], ids=["with a script", "without"])
def test_the_list_leads_to_the_next_one_and_counts_down(sign_in: SignIn, script: bool) -> None:  # noqa: FBT001
    title = f"Told {'with' if script else 'without'} a script"
    links_to_mona(sign_in, title)
    mona = sign_in("mona", java_script_enabled=script, viewport={"width": 390, "height": 800})
    mona.goto("/notifications")
    expect(mona.locator(".is-unread").first).to_contain_text(title)
    before = mona.locator(".is-unread").count()
    mona.get_by_role("button", name="Open next").click()
    expect(mona.get_by_role("heading", level=1)).to_contain_text(title)
    mona.goto("/notifications")
    assert mona.locator(".is-unread").count() == before - 1
