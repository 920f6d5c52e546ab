"""How often the database is asked."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from backend.database.engine import Database


@contextmanager
def transactions_of(database: Database) -> Iterator[list[object]]:
    """Fills with what began meanwhile."""
    begun: list[object] = []
    engine, note = database._engine.sync_engine, begun.append  # noqa: SLF001 - there is no other way to count
    event.listen(engine, "begin", note)
    yield begun
    event.remove(engine, "begin", note)
