"""A command that cannot run says why in one sentence; nobody reads a traceback."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ADDRESS = ("127.0.0.1", 0)
SETTINGS = "COUNTERSIGN_DATABASE_URL, COUNTERSIGN_TEMPORAL_ADDRESS"


def countersign(folder: Path, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run a command where nothing is configured but what is given."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("COUNTERSIGN_")}
    return subprocess.run(
        [sys.executable, "-m", "backend", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env=env | {"COUNTERSIGN_DATA_DIR": str(folder), **environment},
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("web",), SETTINGS),
        (("relay",), SETTINGS),
        (("worker",), SETTINGS),
        (("worker", "--domain", "bogus"), "There is no domain bogus."),
        (("replay", "/nonexistent"), "COUNTERSIGN_PAYLOAD_KEYS"),
        (("reconcile", "--once"), SETTINGS),
    ],
)
def test_without_settings_it_names_what_is_missing(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    done = countersign(tmp_path, *arguments)
    assert done.returncode == 2
    assert said in " ".join(done.stderr.replace("│", " ").split())
    assert "Traceback" not in done.stderr + done.stdout


def test_doctor_without_settings_examines_every_part(tmp_path: Path) -> None:
    done = countersign(tmp_path, "doctor")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr + done.stdout
    for part in ("database: DATABASE_URL", "Temporal: TEMPORAL_ADDRESS", "workers: TEMPORAL", "outbox: DATABASE_URL"):
        assert f"FAILED  {part}" in done.stdout


def test_a_folder_without_histories_is_no_green_gate(tmp_path: Path) -> None:
    keys = "k1:" + "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
    nowhere = countersign(tmp_path, "replay", "/nonexistent", COUNTERSIGN_PAYLOAD_KEYS=keys)
    assert (nowhere.returncode, nowhere.stderr) == (2, "/nonexistent contains no histories (*.json).\n")
    (tmp_path / "torn.json").write_text("{")
    torn = countersign(tmp_path, "replay", str(tmp_path), COUNTERSIGN_PAYLOAD_KEYS=keys)
    assert (torn.returncode, torn.stderr) == (2, f"{tmp_path}/torn.json is not an exported history.\n")


def test_a_port_in_use_ends_up_before_anything_starts(tmp_path: Path) -> None:
    with socket.create_server(ADDRESS) as other:
        port = other.getsockname()[1]
        done = countersign(tmp_path, "up", "--port", str(port))
    assert done.returncode == 2
    assert done.stderr == f"Port {port} is in use. Stop the program that uses it, or choose another with --port.\n"
    assert done.stdout == ""
    assert not (tmp_path / "postgres").exists()
