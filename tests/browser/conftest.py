"""Fixtures for tests in a real browser against all of Countersign."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.desk import Desk
from tests.browser.looking import Looks, SignIn, Way
from tests.support.browser import installed
from tests.support.running import PASSWORD, Running, running_in

PATIENCE = 15_000  # milliseconds
expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One running system for all tests in this folder."""
    with running_in(tmp_path_factory.mktemp("up"), COUNTERSIGN_UNDO_ON_PAGES="PT2S") as running:
        yield running


@pytest.fixture(scope="session")
def desk(running: Running) -> Iterator[Desk]:
    """API clients that set up test data, shared by all tests in this folder."""
    desk = Desk(running)
    yield desk
    desk.close()


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Use the Chromium of this machine if it has one."""
    path = installed()
    return {"args": ["--no-sandbox"], **({"executable_path": path} if path else {})}


@pytest.fixture(scope="session")
def sessions() -> dict[tuple[str, str], Any]:
    """Session cookies by person. Sign-ins are reused because more than ten a minute for one account are refused."""
    return {}


@pytest.fixture
def sign_in(browser: Browser, running: Running, sessions: dict[tuple[str, str], Any]) -> Iterator[SignIn]:
    """A page in a new browser context, signed in as this person; keyword arguments go to the context."""
    contexts = []

    def call(name: str, **options: Any) -> Page:
        who = (running.address, name)
        known = {"storage_state": sessions[who]} if who in sessions else {}
        context = browser.new_context(base_url=running.address, locale="en-GB", **known, **options)
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        if known:
            page.goto("/")
            return page
        page.goto("/login")
        page.get_by_label("Name").fill(name)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/")
        sessions[who] = context.storage_state()
        return page

    yield call
    for context in contexts:
        context.close()


@pytest.fixture
def look(sign_in: SignIn, way: Way) -> Looks:
    """Page checks for a test that runs with either profile."""
    return Looks(sign_in, way)
