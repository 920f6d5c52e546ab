"""The Temporal development server, with its data in a file that survives restarts."""

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from backend.embedded.child import BACKGROUND_NICENESS, Child
from backend.embedded.ports import LOCALHOST, accepts_connections, free_port, stored_port


class EmbeddedTemporal:
    """`temporal server start-dev` on a file; SQLite's write-ahead log more than doubles its speed."""

    def __init__(self, folder: Path, namespace: str, extra: Sequence[str] = ()) -> None:
        self.folder = folder.resolve()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.namespace = namespace
        self.extra = extra
        self.child = Child("temporal", self.folder, niceness=BACKGROUND_NICENESS)
        self.port = 0

    @property
    def address(self) -> str:
        """host:port of its frontend."""
        return f"{LOCALHOST}:{self.port}"

    def start(self) -> Self:
        """Start it and wait until it accepts connections."""
        self.child.stop_orphan()
        self.port = stored_port(self.folder / "port")
        self.child.start(
            [
                program("temporal"), "server", "start-dev", "--headless",
                "--ip", LOCALHOST, "--port", str(self.port), "--http-port", str(free_port()),
                "--metrics-port", str(free_port()),
                "--db-filename", str(self.folder / "temporal.db"), "--sqlite-pragma", "journal_mode=wal",
                "--namespace", self.namespace, "--log-level", "error", *self.extra,
            ],
            ready=lambda: accepts_connections(self.port),
        )  # fmt: skip
        return self

    def stop(self) -> None:
        """Stop it."""
        self.child.stop()


def program(name: str) -> str:
    """The path of a program that an installed package provides; FileNotFoundError if none does."""
    installed = Path(sys.executable).parent / name
    found = str(installed) if installed.exists() else shutil.which(name)
    if found is None:
        raise FileNotFoundError(name)
    return found
