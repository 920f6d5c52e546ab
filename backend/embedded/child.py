"""A program that ends with its parent process and leaves no orphan for the next run."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

STOP_SECONDS = 8.0
BACKGROUND_NICENESS = 10  # pages that people wait for go first; background work is already stored safely
_PR_SET_PDEATHSIG = 1


class StartFailed(Exception):
    """An embedded service did not start; its log says why."""

    def __init__(self, name: str, log: Path) -> None:
        tail = log.read_text(errors="replace")[-2000:] if log.exists() else ""
        super().__init__(f"{name} did not start. The end of {log}:\n{tail}")


def set_up_child(parent_death_signal: signal.Signals, *, niceness: int = 0) -> Callable[[], None]:
    """What a new process runs first: the kernel is told to send it this signal when its parent ends.

    A `niceness` from 1 to 19 gives way to other processes of this session when processors are scarce. Linux compares
    niceness only within a session, and sessions with each other (sched(7), autogroup). So each process gets its own
    process group, for Ctrl-C, but stays in this session.
    """
    prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None

    def set_up() -> None:
        if prctl is not None:
            prctl(_PR_SET_PDEATHSIG, int(parent_death_signal))
        if niceness:
            os.nice(niceness)

    return set_up


class Child:
    """One program, with its log and pid file in the data folder."""

    def __init__(
        self, name: str, folder: Path, *, stop_with: signal.Signals = signal.SIGTERM, niceness: int = 0
    ) -> None:
        self.name = name
        self.log = folder / f"{name}.log"
        self.pid_file = folder / f"{name}.pid"
        self.stop_with = stop_with
        self.niceness = niceness
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
                preexec_fn=set_up_child(self.stop_with, niceness=self.niceness),  # noqa: PLW1509 - no threads yet
            )
        self.pid_file.write_text(str(self.process.pid))
        deadline = time.monotonic() + seconds
        while not ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise StartFailed(self.name, self.log)
            time.sleep(0.05)

    @property
    def exited(self) -> bool:
        """Whether it was started and has exited without being stopped."""
        return self.process is not None and self.process.poll() is not None

    def stop(self) -> None:
        """Stop it with its own signal; kill it after eight seconds."""
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
        """Stop what a killed earlier run left behind."""
        if not self.pid_file.exists():
            return
        recorded = self.pid_file.read_text().strip()
        if recorded.isdigit() and self._is_ours(int(recorded)):
            _terminate(int(recorded), self.stop_with)
        self.pid_file.unlink(missing_ok=True)

    def _is_ours(self, pid: int) -> bool:
        """The pid may have been reused: only a process whose command names this folder is ours."""
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
        except OSError:
            return False
        return str(self.log.parent) in command


def _terminate(pid: int, with_signal: signal.Signals) -> None:
    deadline = time.monotonic() + STOP_SECONDS
    try:
        os.kill(pid, with_signal)
        while time.monotonic() < deadline:
            os.kill(pid, 0)
            time.sleep(0.05)
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
