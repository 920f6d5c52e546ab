"""A program that lives no longer than we do, and of which no orphan is left by a former run."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

STOP_SECONDS = 8.0
STANDS_BACK = 10  # people who wait go before work that is safely written down
_PR_SET_PDEATHSIG = 1


class StartFailed(Exception):
    """A program of the machine room did not come up; its log says why."""

    def __init__(self, name: str, log: Path) -> None:
        tail = log.read_text(errors="replace")[-2000:] if log.exists() else ""
        super().__init__(f"{name} did not start. The end of {log}:\n{tail}")


def dying_with_parent(death: signal.Signals, *, stands_back: int = 0) -> Callable[[], None]:
    """What a new process runs first, so that the kernel sends it this signal when we are gone.

    With `stands_back`, from 1 to 19, it lets others of our session go first where processors are scarce. Linux weighs
    niceness within a session only, and sessions against each other (sched(7), autogroup): so a new process gets a
    process group of its own, for Ctrl-C, but stays in our session.
    """
    prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None

    def arrange() -> None:
        if prctl is not None:
            prctl(_PR_SET_PDEATHSIG, int(death))
        if stands_back:
            os.nice(stands_back)

    return arrange


class Child:
    """One program with its log and pid file in the data folder."""

    def __init__(
        self, name: str, folder: Path, *, stop_with: signal.Signals = signal.SIGTERM, stands_back: int = 0
    ) -> None:
        self.name = name
        self.log = folder / f"{name}.log"
        self.pid_file = folder / f"{name}.pid"
        self.stop_with = stop_with
        self.stands_back = stands_back
        self.process: subprocess.Popen[bytes] | None = None

    def start(
        self,
        command: Sequence[str],
        *,
        ready: Callable[[], bool],
        seconds: float = 30,
        user: int | None = None,
        env: Mapping[str, str] | None = None,
    ) -> None:
        """Start it and wait until it is ready; StartFailed if it is not within `seconds`."""
        self.stop_orphan()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 - fixed programs of installed packages
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=env,
                user=user,
                process_group=0,
                preexec_fn=dying_with_parent(self.stop_with, stands_back=self.stands_back),  # noqa: PLW1509 - no threads yet
            )
        self.pid_file.write_text(str(self.process.pid))
        deadline = time.monotonic() + seconds
        while not ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise StartFailed(self.name, self.log)
            time.sleep(0.05)

    @property
    def fell(self) -> bool:
        """Whether it was started and ended by itself."""
        return self.process is not None and self.process.poll() is not None

    def stop(self) -> None:
        """End it in its own way, and by force after eight seconds."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(self.stop_with)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.pid_file.unlink(missing_ok=True)

    def stop_orphan(self) -> None:
        """End what a former run left behind when it was killed."""
        if not self.pid_file.exists():
            return
        recorded = self.pid_file.read_text().strip()
        if recorded.isdigit() and self._is_ours(int(recorded)):
            _end(int(recorded), self.stop_with)
        self.pid_file.unlink(missing_ok=True)

    def _is_ours(self, pid: int) -> bool:
        """A pid may belong to a stranger by now: only a process that names our folder is ours."""
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
        except OSError:
            return False
        return str(self.log.parent) in command


def _end(pid: int, with_signal: signal.Signals) -> None:
    deadline = time.monotonic() + STOP_SECONDS
    try:
        os.kill(pid, with_signal)
        while time.monotonic() < deadline:
            os.kill(pid, 0)
            time.sleep(0.05)
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
