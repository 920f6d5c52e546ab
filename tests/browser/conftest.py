"""The whole of Countersign as a newcomer starts it, and people in front of it."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from backend.embedded.ports import free_port
from tests.support.browser import installed

PASSWORD = "a password of the tests"
READY_SECONDS = 90


@dataclass(frozen=True)
class Running:
    """One `countersign up`: its process, its log, and its address."""

    process: "subprocess.Popen[bytes]"
    log: Path
    address: str

    def wait_until_ready(self) -> None:
        """Return when the web app answers; AssertionError with the log if it does not."""
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.address}/readyz", timeout=2):  # noqa: S310 - our own address
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        raise AssertionError(f"not ready:\n{self.log.read_text()[-3000:]}")

    def parts(self) -> dict[str, int]:
        """The pids of web, relay and workers, by their last argument but the port."""
        listed = subprocess.run(["ps", "-eo", "pid,ppid,args"], capture_output=True, text=True, check=True)  # noqa: S607
        found = {}
        for line in listed.stdout.splitlines()[1:]:
            pid, parent, arguments = line.split(None, 2)
            if int(parent) == self.process.pid and " -m backend " in arguments:
                found[arguments.split(" -m backend ")[1].split(" --port")[0].split()[-1]] = int(pid)
        return found


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Started once; ended with SIGTERM, which it has to obey within fifteen seconds."""
    folder = tmp_path_factory.mktemp("up")
    for step in (folder, *folder.parents[:3]):
        step.chmod(0o755)
    port, log = free_port(), folder / "up.log"
    env = os.environ | {
        "COUNTERSIGN_DATA_DIR": str(folder / "data"),
        "COUNTERSIGN_DEMO_PASSWORD": PASSWORD,
        "COUNTERSIGN_BASE_URL": f"http://127.0.0.1:{port}",
    }
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "backend", "up", "--port", str(port)], stdout=out, stderr=out, env=env
        )
    running = Running(process, log, f"http://127.0.0.1:{port}")
    try:
        running.wait_until_ready()
        yield running
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(15)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """The machine's own Chromium where there is one."""
    path = installed()
    return {"args": ["--no-sandbox"], **({"executable_path": path} if path else {})}


SignIn = Callable[..., Page]


@pytest.fixture
def sign_in(browser: Browser, running: Running) -> Iterator[SignIn]:
    """Somebody signs in, in a browser of their own; keyword arguments go to the browser's context."""
    contexts = []

    def call(name: str, **options: Any) -> Page:
        context = browser.new_context(base_url=running.address, locale="en-GB", **options)
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.goto("/login")
        page.get_by_label("Name").fill(name)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/")
        return page

    yield call
    for context in contexts:
        context.close()
