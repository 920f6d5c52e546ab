"""Those who work turn after turn: what goes wrong in one must not make it the last one."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from backend.database.errors import DatabaseAway


@contextmanager
def keep_running(log: logging.Logger, who: str, *away: type[Exception]) -> Iterator[None]:
    """One turn. If the database is away, or what else is named, that will pass; anything else is a defect to log."""
    passes: tuple[type[Exception], ...] = (DatabaseAway, *away)
    try:
        yield
    except passes as error:
        log.warning("%s has to wait: %s", who, type(error).__name__)
    except Exception:
        log.exception("%s could not go on", who)
