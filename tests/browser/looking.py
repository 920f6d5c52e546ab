"""Browser profiles, a desktop with keyboard only and a phone without scripts, and checks of their pages."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

SignIn = Callable[..., Page]
PICTURES = os.environ.get("KEEP_PICTURES", "")


def violations(page: Page, *rules: str) -> list[str]:
    """The axe violations of the current page, by all rules or some."""
    only = {"runOnly": list(rules)} if rules else {}
    found = Axe().run(page, options={"resultTypes": ["violations"], **only}).response["violations"]
    return [f"{page.url} {one['id']}: {one['nodes'][0]['html'][:160]}" for one in found]


def open_until(page: Page, path: str, wanted: Locator, seconds: float = 60) -> None:
    """Reload a page until it contains the expected element; AssertionError after a timeout."""
    deadline = time.monotonic() + seconds
    while True:
        page.goto(path, wait_until="commit")
        try:
            expect(wanted).not_to_have_count(0, timeout=500)
        except AssertionError:
            if time.monotonic() > deadline:
                raise
        else:
            return


@dataclass(frozen=True)
class Way:
    """A browser profile: window size, and whether scripts run. With scripts, tests use only the keyboard."""

    name: str
    width: int
    height: int
    script: bool

    @property
    def window(self) -> dict[str, Any]:
        """The options of a browser context with this profile."""
        return {"viewport": {"width": self.width, "height": self.height}}

    def page(self, sign_in: SignIn, name: str) -> Page:
        """A page, signed in as this person."""
        return sign_in(name, java_script_enabled=self.script, **self.window)

    def press(self, target: Locator) -> None:
        """Activate a button or link."""
        if self.script:
            target.focus()
            target.page.keyboard.press("Enter")
        else:
            target.click()

    def pick(self, target: Locator) -> None:
        """Select a radio button or checkbox."""
        if self.script:
            target.focus()
            target.page.keyboard.press("Space")
        else:
            target.check()


DESK = Way("desk", 1280, 900, script=True)
PHONE = Way("phone", 390, 800, script=False)
EITHER_WAY = pytest.mark.parametrize("way", [DESK, PHONE], ids=lambda way: way.name)


class Looks:
    """Looks at pages: they fit their window and break no rule that axe knows, in either theme.

    axe is a script. Where a page runs none, a second page of the same person is looked at, at the same address.
    """

    def __init__(self, sign_in: SignIn, way: Way) -> None:
        self._sign_in, self._way = sign_in, way
        self._twins: dict[str, Page] = {}

    def at(self, page: Page, who: str) -> None:
        """Check the current page."""
        if not self._way.script:
            if who not in self._twins:
                self._twins[who] = self._sign_in(who, **self._way.window)
            self._twins[who].goto(page.url)
            page = self._twins[who]
        found = []
        # The other theme has other colours and the same page.
        for scheme, rules in (("light", ()), ("dark", ("color-contrast",))):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            found += violations(page, *rules)
            if PICTURES:
                self._keep(page, scheme)
        assert not found, found
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= self._way.width, f"{page.url} is {width} wide"

    def _keep(self, page: Page, scheme: str) -> None:
        folder = Path(PICTURES)
        folder.mkdir(parents=True, exist_ok=True)
        number = len(list(folder.glob(f"*-{self._way.name}-{scheme}.png")))
        page.screenshot(path=folder / f"{number:02}-{self._way.name}-{scheme}.png", full_page=True)
