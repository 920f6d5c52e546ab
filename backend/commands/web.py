"""The web app of `up`: a parent that has loaded everything, and the process forked from it that serves.

Loading takes seconds, forking milliseconds. A server that is killed is forked again at once; a server whose parent is
killed goes on until the server of the next parent serves. Several such pairs accept connections from one socket, which
`up` holds.
"""

import os
import select
import signal
import socket
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import uvicorn

from backend.process_exit import exit_now

LOOK_SECONDS = 1.0
CRASH_SECONDS = 1.0
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)


@dataclass(frozen=True)
class Lifeline:
    """The reading end of a pipe that ends with `up`, and the file with the pid of the server in this place."""

    pipe: int
    place: Path

    def succeed(self) -> None:
        """This server is in its place now; the one before it, whose parent was killed, is told to stop."""
        before = int(self.place.read_text() or 0) if self.place.exists() else 0
        self.place.write_text(str(os.getpid()))
        if before and _is_web(before):
            os.kill(before, signal.SIGTERM)


def _is_web(pid: int) -> bool:
    """The pid may have been reused."""
    try:
        return b"backend\0web\0" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def run_server(config: uvicorn.Config, accepting: socket.socket, watch: "Watch | None" = None) -> int:
    """Serve until told to stop; the exit code."""
    server = uvicorn.Server(config)
    if watch is not None:
        threading.Thread(target=watch.stop_when_over, args=(server,), daemon=True).start()
    server.run(sockets=[accepting])
    return 0 if server.started else 1


def keep_serving(config: uvicorn.Config, accepting: socket.socket, lifeline: Lifeline) -> int:
    """Fork a server, and the next one whenever it is killed; the exit code."""
    forking = _Forking()
    while (pid := forking.fork()) is not None:
        if pid == 0:
            exit_now(run_server(config, accepting, Watch(lifeline)))
        began = time.monotonic()
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        if code >= 0:
            return code  # it ended by itself
        if time.monotonic() - began < CRASH_SECONDS:
            time.sleep(CRASH_SECONDS)
    return 0


class _Forking:
    """Forks unless told to stop, and passes that on to the server."""

    def __init__(self) -> None:
        self._stopping = False
        self._server: int | None = None
        for each in STOP_SIGNALS:
            signal.signal(each, self._stop)

    def fork(self) -> int | None:
        """0 in the server, its pid in the parent; None once told to stop."""
        signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
        try:
            if self._stopping:
                return None
            self._server = os.fork()
            if self._server == 0:
                for each in STOP_SIGNALS:
                    signal.signal(each, signal.SIG_DFL)
            return self._server
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)

    def _stop(self, number: int, _: FrameType | None) -> None:
        self._stopping = True
        if self._server:
            os.kill(self._server, number)


class Watch:
    """Stops a server when `up` has ended; once it serves, it takes the place of the server before it."""

    def __init__(self, lifeline: Lifeline) -> None:
        self._lifeline = lifeline

    def stop_when_over(self, server: uvicorn.Server) -> None:
        """Look every second."""
        succeeded = False
        while not select.select([self._lifeline.pipe], [], [], LOOK_SECONDS)[0]:
            if server.started and not succeeded:
                self._lifeline.succeed()
                succeeded = True
        server.should_exit = True
