"""A lock on the data folder: a second `up` there would stop the services of the first as orphans."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class FolderInUse(Exception):
    """Another `up` is using this data folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"Countersign is already running on {folder}. Stop it, or choose another folder with --data-dir."
        )


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Lock this folder; FolderInUse if it is locked. The system releases the lock of a killed process."""
    with (folder / "lock").open("w") as lock_file:
        try:
            fcntl.flock(lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise FolderInUse(folder) from error
        yield
