"""All of Countersign, started with `countersign up` and its own data folder."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

import httpx2
from dotenv import dotenv_values

from backend.embedded.ports import free_port
from backend.settings import environment_file, owner_file
from tests.support.folders import data_folder
from tests.support.html import page_of

PASSWORD = "a password of the tests"
READY_SECONDS = 90
STOP_SECONDS = 15


@dataclass(frozen=True)
class Running:
    """One `countersign up`: its process, its folder, its log, and its address."""

    process: "subprocess.Popen[bytes]"
    folder: Path
    log: Path
    address: str

    def wait_until_ready(self) -> None:
        """Wait until the web app responds; AssertionError with the log otherwise."""
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.address}/readyz", timeout=2):  # noqa: S310 - our own address
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        raise AssertionError(f"not ready:\n{self.log.read_text()[-3000:]}")

    def parts(self) -> dict[str, int]:
        """The pids of web, relay and workers by name; of several processes of one name, the youngest."""
        return {role: pids[-1] for role, pids in self._pids().items()}

    def pids(self, role: str) -> list[int]:
        """The pids of all processes of this role."""
        return self._pids().get(role, [])

    def _pids(self) -> dict[str, list[int]]:
        listed = subprocess.run(["ps", "-wweo", "pid,ppid,args"], capture_output=True, text=True, check=True)  # noqa: S607
        found: dict[str, list[int]] = {}
        for line in listed.stdout.splitlines()[1:]:
            pid, parent, arguments = line.split(None, 2)
            if int(parent) == self.process.pid and " -m backend " in arguments:
                role = arguments.split(" -m backend ")[1].split(" --host")[0]
                found.setdefault(role.split()[-1], []).append(int(pid))
        return found

    def service(self, name: str) -> int:
        """The pid of an embedded service."""
        return int((self.folder / name / f"{name}.pid").read_text())

    def family(self, name: str) -> list[int]:
        """The pids of an embedded service and of those that it started."""
        pid = self.service(name)
        listed = subprocess.run(["ps", "--ppid", str(pid), "-o", "pid="], capture_output=True, text=True, check=True)  # noqa: S607
        return [pid, *map(int, listed.stdout.split())]

    @contextmanager
    def without_workers(self) -> Iterator[None]:
        """Stop the workers inside this block, without a restart."""
        os.kill(self.process.pid, signal.SIGSTOP)
        try:
            for part in ("workflow", "activity"):
                os.kill(self.parts()[part], signal.SIGKILL)
            yield
        finally:
            os.kill(self.process.pid, signal.SIGCONT)

    def sign_in(self, name: str) -> dict[str, str]:
        """The headers of a browser with a session of this person."""
        with httpx2.Client(base_url=self.address, headers={"origin": self.address}) as client:
            form = page_of(client.get("/login")).one("form:has([name=password])").fields
            answer = client.post("/login", data=form | {"name": name, "password": PASSWORD})
            assert answer.status_code == HTTPStatus.SEE_OTHER, answer.text
            return {"cookie": f"countersign={client.cookies['countersign']}"}

    @property
    def environment(self) -> dict[str, str]:
        """The addresses and keys that `up` passes to other commands."""
        return {name: value or "" for name, value in dotenv_values(environment_file(self.folder)).items()}

    @property
    def owner_url(self) -> str:
        """The URL of the role that owns the schema, which `up` passes to `migrate` alone."""
        return dotenv_values(owner_file(self.folder))["COUNTERSIGN_DATABASE_OWNER_URL"] or ""

    def countersign(self, *arguments: str) -> str:
        """The output of a command; AssertionError if it fails."""
        done = subprocess.run(
            [sys.executable, "-m", "backend", *arguments],
            capture_output=True,
            text=True,
            check=False,
            env=os.environ | {"COUNTERSIGN_DATA_DIR": str(self.folder)},
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.strip()


@contextmanager
def running_in(folder: Path, code: Path | None = None, *, demo: bool = True, **environment: str) -> Iterator[Running]:
    """Start it, from another checkout or without the demo if told so.

    At the end it gets SIGTERM, which it has to obey in fifteen seconds.
    Its log stays in this folder, its data go.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with data_folder() as data, (folder / "up.log").open("wb") as out:
        port = free_port()
        env = os.environ | {
            "COUNTERSIGN_DATA_DIR": str(data),
            "COUNTERSIGN_DEMO_PASSWORD": PASSWORD,
            "COUNTERSIGN_DEMO_CASES": "false",
            **environment,
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "backend", "up", "--port", str(port), *([] if demo else ["--no-demo"])],
            stdout=out,
            stderr=out,
            env=env,
            cwd=code,
            start_new_session=True,
        )
        running = Running(process, data, folder / "up.log", f"http://127.0.0.1:{port}")
        try:
            running.wait_until_ready()
            yield running
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(STOP_SECONDS)
