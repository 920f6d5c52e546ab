"""A data folder belongs to one `up` at a time: a second one would end the first one's services as orphans."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class FolderTaken(Exception):
    """Another `up` runs on this data folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"Countersign runs on {folder} already. End it, or choose another folder with --data-dir.")


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Nobody else holds this folder meanwhile; FolderTaken if somebody does. Whoever is killed holds it no longer."""
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise FolderTaken(folder) from error
        yield
