"""Counts of transactions and statements."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from backend.database.engine import Database


@contextmanager
def transactions_of(database: Database) -> Iterator[list[object]]:
    """The transactions begun inside this block."""
    begun: list[object] = []
    engine, note = database._engine.sync_engine, begun.append  # noqa: SLF001 - there is no other way to count
    event.listen(engine, "begin", note)
    yield begun
    event.remove(engine, "begin", note)


@contextmanager
def statements_of(database: Database) -> Iterator[list[str]]:
    """The statements executed inside this block, each a round trip."""
    executed: list[str] = []
    engine = database._engine.sync_engine  # noqa: SLF001 - as above

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        executed.append(" ".join(statement.split())[:80])

    event.listen(engine, "before_cursor_execute", note)
    yield executed
    event.remove(engine, "before_cursor_execute", note)
