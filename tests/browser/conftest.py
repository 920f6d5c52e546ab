"""People in front of the whole of Countersign, in a real browser."""

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
    """Started once for all tests here."""
    with running_in(tmp_path_factory.mktemp("up")) as running:
        yield running


@pytest.fixture(scope="session")
def desk(running: Running) -> Iterator[Desk]:
    """The programs with which tests set things up, once for all of them."""
    desk = Desk(running)
    yield desk
    desk.close()


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """The machine's own Chromium where there is one."""
    path = installed()
    return {"args": ["--no-sandbox"], **({"executable_path": path} if path else {})}


@pytest.fixture(scope="session")
def sessions() -> dict[tuple[str, str], Any]:
    """The cookies of who has signed in already: more than ten a minute for one account are refused, and rightly."""
    return {}


@pytest.fixture
def sign_in(browser: Browser, running: Running, sessions: dict[tuple[str, str], Any]) -> Iterator[SignIn]:
    """Somebody in a browser of their own, signed in through the page once; keyword arguments go to its context."""
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
    """Looks at pages, for a test that goes one way or the other."""
    return Looks(sign_in, way)
