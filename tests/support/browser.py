"""A Chromium for the tests: the one of this machine if there is one, or Playwright's."""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome")


def installed() -> str | None:
    """The path of a Chromium on this machine."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def install() -> None:
    """Install Chromium if it is missing, with Playwright or else with apt."""
    if installed():
        return
    theirs = subprocess.run(
        [sys.executable, "-m", "playwright", "install", "chromium"], check=False, capture_output=True
    )
    if theirs.returncode == 0:
        return
    if os.geteuid() != 0:
        sys.exit("The browser tests need Chromium. Install it, for instance with: apt-get install chromium")
    subprocess.run(["apt-get", "update", "-qq"], check=True)  # noqa: S607 - Debian's own
    subprocess.run(["apt-get", "install", "-y", "-qq", "chromium"], check=True)  # noqa: S607


if __name__ == "__main__":
    install()
