"""Data folders of servers. Not in pytest's folder, because each new session closes that to other users."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def data_folder() -> Iterator[Path]:
    """A temporary folder that PostgreSQL, which never runs as root, can access."""
    with tempfile.TemporaryDirectory(prefix="countersign-") as folder:
        yield Path(folder)
