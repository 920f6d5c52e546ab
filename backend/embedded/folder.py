"""A lock on the data folder: a second `up` there would stop the services of the first as orphans."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class FolderInUse(Exception):
    """Another `up` is using this data folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"Countersign is already running on {folder}. Stop it, or choose another folder with --data-dir."
        )


def make_private(folder: Path) -> None:
    """Keep everybody else out of a folder that an earlier release left open; what is deeper is closed with it."""
    for each in (folder, *folder.iterdir()):
        if each.stat().st_uid == os.geteuid():
            each.chmod(each.stat().st_mode & ~0o077)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Lock this folder; FolderInUse if it is locked. The system releases the lock of a killed process."""
    with (folder / "lock").open("w") as lock_file:
        try:
            fcntl.flock(lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise FolderInUse(folder) from error
        yield
