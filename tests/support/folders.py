"""Where the data of servers lies. Not in pytest's own folder: each session that begins closes that to other users."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def data_folder() -> Iterator[Path]:
    """A folder that is gone afterwards; PostgreSQL, which never runs as root, can be let into it."""
    with tempfile.TemporaryDirectory(prefix="countersign-") as folder:
        yield Path(folder)
