"""What a running system keeps to itself: its files, and from its own processes the owner of the schema."""

import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from backend.embedded.ports import free_port
from tests.support.desk_over_rest import wait_for
from tests.support.html import page_of
from tests.support.running import Running

START = "/processes/purchase_approval/start"
PDF = ("offer.pdf", b"%PDF-1.7 of a test", "application/pdf")
ROLES = ("web", "relay", "workflow", "activity")


def test_no_process_but_migrate_knows_the_owner_of_the_schema(running: Running) -> None:
    assert running.owner_url
    for role in ROLES:
        pids = running.pids(role)
        assert pids, role
        for pid in pids:
            environment = Path(f"/proc/{pid}/environ").read_bytes()
            assert b"COUNTERSIGN_DATABASE_URL=" in environment, role
            assert b"COUNTERSIGN_DATABASE_OWNER_URL" not in environment, role
            assert running.owner_url.encode() not in environment, role


def test_what_web_writes_is_for_its_owner_alone(running: Running) -> None:
    headers = running.sign_in("ann") | {"origin": running.address}
    with httpx2.Client(base_url=running.address, headers=headers) as ann:
        form = page_of(ann.get(START)).one("form#sheet").fields
        form.pop("attachments_upload", None)
        kept = ann.post(START, data={**form, "keep": "1"}, files={"attachments_upload": PDF})
    assert kept.status_code == 303, kept.text
    written = [*running.folder.glob("web-*.pid"), *(running.folder / "files").rglob("*")]
    assert PDF[1] in {path.read_bytes() for path in written if path.is_file()}
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in written}
    assert {name: oct(mode) for name, mode in modes.items() if mode & 0o077} == {}


@pytest.mark.parametrize("command", ["web", "relay", "worker"])
def test_a_process_that_is_started_by_itself_writes_for_its_owner_alone_too(running: Running, command: str) -> None:
    address = ("--port", str(free_port())) if command == "web" else ()
    process = subprocess.Popen(
        [sys.executable, "-m", "backend", command, *address],
        env=os.environ | {"COUNTERSIGN_DATA_DIR": str(running.folder)},
        stderr=subprocess.DEVNULL,
        umask=0o022,
    )

    def private() -> bool:
        status = Path(f"/proc/{process.pid}/status").read_text()
        return re.search(r"^Umask:\s+0077$", status, re.MULTILINE) is not None

    try:
        wait_for(private, 60)
    finally:
        process.terminate()
        process.wait(20)
