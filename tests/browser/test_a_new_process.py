"""The generator of the README: its process passes every check, and people can use it."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.looking import SignIn
from tests.browser.test_a_purchase import approve
from tests.support.running import Running, running_in

ROOT = Path(__file__).parents[2]
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", ".data", "node_modules", "__pycache__")
CHECKS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("mypy",),
    ("lint-imports",),
    ("vulture",),
    ("deptry", "."),
    ("pytest", "-q", "tests/test_processes.py", "tests/workflows/test_replay.py"),
)


def run(checkout: Path, program: str, *arguments: str) -> str:
    """The output of a tool; AssertionError if it fails."""
    command = [str(Path(sys.executable).with_name(program)), *arguments]
    done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{program}: {done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of this checkout with a generated process, tested and with its histories."""
    copy = tmp_path_factory.mktemp("checkout") / "countersign"
    shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
    said = run(copy, "python", "-m", "backend", "new-process", "travel_request", "--activity", "book_ticket")
    assert "shows the new process" in said
    return copy


@pytest.fixture(scope="module")
def running(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The whole system, started from the copy."""
    with running_in(tmp_path_factory.mktemp("up"), checkout) as running:
        yield running


def test_what_it_writes_passes_every_check(checkout: Path) -> None:
    for command in CHECKS:
        run(checkout, *command)


def test_people_start_it_decide_it_and_see_how_it_ended(sign_in: SignIn) -> None:
    ann = sign_in("ann")
    ann.goto("/processes")
    ann.get_by_role("link", name="Travel request").click()
    ann.get_by_label("Title", exact=True).fill("Tickets to Graz")
    ann.get_by_label("Amount", exact=True).fill("48")
    ann.get_by_label("Reason").fill("The trade fair is there.")
    ann.get_by_role("button", name="Submit for approval").click()
    ann.wait_for_url(re.compile(r"/cases/TRA-\d+"))
    expect(ann.locator("#says")).to_contain_text("Mona Lind has to approve Tickets to Graz for EUR 48.00")
    approve(sign_in("mona"), "Tickets to Graz")
    expect(ann.locator("#says")).to_contain_text("Tickets to Graz was approved.")
    expect(ann.locator(".cs-stamp")).to_contain_text("Approved")
