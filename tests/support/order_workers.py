"""Order workers that restart at once when killed: `python -m` forks them from a preloaded process."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import get_args

from backend.embedded.child import set_up_child
from backend.process_exit import exit_now
from backend.settings import settings
from backend.workers.run import Kind, run_workers

STANDS_SECONDS = 30


def fork(kind: Kind) -> int:
    """Fork a worker and return its pid."""
    pid = os.fork()
    if pid == 0:
        set_up_child(signal.SIGKILL)()
        asyncio.run(run_workers(settings(), "orders", kind, asyncio.Event()))
    print(kind, pid, flush=True)  # noqa: T201 - how the test hears of it
    return pid


def keep_up() -> None:
    """Keep one worker of each kind running, and replace each that dies."""
    kinds = {fork(kind): kind for kind in get_args(Kind)}
    while True:
        pid, _ = os.wait()
        kind = kinds.pop(pid)
        kinds[fork(kind)] = kind


class Workers:
    """The pids of the running workers, and the number of kills."""

    def __init__(self) -> None:
        self.pids: dict[str, int] = {}
        self.kills = 0

    def kill(self, kind: Kind) -> None:
        """Kill the worker of this kind."""
        os.kill(self.pids[kind], signal.SIGKILL)
        self.kills += 1

    def listen(self, process: "subprocess.Popen[str]") -> None:
        """Record the pids of the running workers."""
        for line in process.stdout or ():
            kind, _, pid = line.partition(" ")
            if kind in get_args(Kind):
                self.pids[kind] = int(pid)


@contextmanager
def order_workers(environment: dict[str, str]) -> Iterator[Workers]:
    """Two workers, running until the end of this block."""
    workers = Workers()
    with subprocess.Popen(
        [sys.executable, "-m", "tests.support.order_workers"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment,
    ) as process:
        threading.Thread(target=workers.listen, args=(process,), daemon=True).start()
        deadline = time.monotonic() + STANDS_SECONDS
        while len(workers.pids) < len(get_args(Kind)) and time.monotonic() < deadline:
            time.sleep(0.05)
        try:
            yield workers
        finally:
            process.kill()


if __name__ == "__main__":
    try:
        keep_up()
    except KeyboardInterrupt:
        exit_now(0)
