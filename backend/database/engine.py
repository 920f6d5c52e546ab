"""The one way to PostgreSQL: transactions scoped to one tenant."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from typing import Any

import asyncpg
from asyncpg.exceptions import (
    CannotConnectNowError,
    PostgresConnectionError,
    TooManyConnectionsError,
)
from asyncpg.exceptions import (
    InterfaceError as AsyncpgInterfaceError,
)
from sqlalchemy import RowMapping, TextClause, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError, DisconnectionError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from backend.database.errors import DatabaseAway, EndUnknown, StorageFull, UnstorableText, UnstorableValue

CONNECT_SECONDS = 3
QUEUE_SECONDS = 10
PATIENCE_SECONDS = 10  # for work that a person waits for
NOT_IN_REPERTOIRE = {"22021", "22P05"}  # character_not_in_repertoire, untranslatable_character
FULL = ("53100", "53200", "58030")  # disk_full, out_of_memory, io_error
DATA_EXCEPTION = "22"
EVERY_TENANT = "*"
AWAY = (
    OSError,
    TimeoutError,
    PoolTimeout,
    AsyncpgInterfaceError,
    CannotConnectNowError,
    PostgresConnectionError,
    TooManyConnectionsError,
)


class TenantConnection(asyncpg.Connection):  # type: ignore[misc]  # asyncpg has no types
    """A connection whose transactions are scoped to one tenant (RLS) in the round trip that begins them.

    Measured against a statement of its own for it, which is one round trip more: a transaction that reads one row is
    1.3 times as fast, one that opens a case 1.15 times.
    """

    tenant = ""

    async def execute(self, query: str, *args: Any, timeout: float | None = None) -> str:  # noqa: ASYNC109 - as asyncpg
        """Run a statement; one that begins a transaction also sets its tenant."""
        if query.startswith("BEGIN"):
            tenant = self.tenant.replace("'", "''")
            query = f"{query.rstrip(';')}; SET LOCAL countersign.tenant = '{tenant}'"
        return str(await super().execute(query, *args, timeout=timeout))


class Database:
    """A pool of connections as the app's role; row-level security shows each only its tenant's rows.

    A statement that takes longer than `patience` seconds ends with its connection: DatabaseAway.
    """

    def __init__(self, url: str, pool_size: int = 10, patience: float | None = None) -> None:
        self.url = url
        self._engine = create_async_engine(
            url,
            hide_parameters=True,  # what people typed does not belong in a log
            pool_size=pool_size,
            max_overflow=0,  # an overflow connection is opened and closed again and again, and each costs milliseconds
            pool_timeout=QUEUE_SECONDS,
            connect_args={
                "timeout": CONNECT_SECONDS,
                "command_timeout": patience,
                "connection_class": TenantConnection,
                "server_settings": {"application_name": "countersign", "jit": "off"},
            },
        )
        event.listen(self._engine.sync_engine, "checkout", _refuse_closed)
        event.listen(self._engine.sync_engine, "handle_error", _terminate_hanging)
        self._autocommit = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        self._sessions = async_sessionmaker(self._engine, expire_on_commit=False)

    @asynccontextmanager
    async def transaction(self, tenant: str) -> AsyncIterator[AsyncSession]:
        """One transaction over one tenant's rows, committed at the end; DatabaseAway if PostgreSQL is gone.

        EndUnknown if it went while this was being committed.
        """
        committing = False
        try:
            with _translated_errors():
                async with self._sessions() as session, session.begin():
                    connection = await session.connection()
                    connection.sync_connection.connection.driver_connection.tenant = tenant
                    yield session
                    committing = True
        except StorageFull:
            raise
        except DatabaseAway as away:
            raise (EndUnknown if committing else DatabaseAway) from away.__cause__

    async def look_up(self, statement: TextClause, given: Mapping[str, Any]) -> RowMapping | None:
        """The first row of a single statement, in one round trip; it sees no tenant unless it sets one."""
        return next(iter(await self.look_up_all(statement, given)), None)

    async def look_up_all(self, statement: TextClause, given: Mapping[str, Any]) -> Sequence[RowMapping]:
        """Every row of such a statement."""
        with _translated_errors():
            async with self._autocommit.connect() as connection:
                return (await connection.execute(statement, given)).mappings().all()

    def across_tenants(self) -> AbstractAsyncContextManager[AsyncSession]:
        """A transaction over every tenant's rows: for sign-in, relay and reconciler alone."""
        return self.transaction(EVERY_TENANT)

    async def close(self) -> None:
        """Give every connection back."""
        await self._engine.dispose()


@contextmanager
def _translated_errors() -> Iterator[None]:
    """Raise DatabaseAway when PostgreSQL is gone or full, and UnstorableValue for what it cannot store."""
    try:
        yield
    except AWAY as error:
        raise DatabaseAway from error
    except DBAPIError as error:
        if _sqlstate(error).startswith(FULL):
            raise StorageFull from error
        if is_away(error):
            raise DatabaseAway from error
        if _sqlstate(error) in NOT_IN_REPERTOIRE:
            raise UnstorableText from error
        if _sqlstate(error).startswith(DATA_EXCEPTION):
            raise UnstorableValue from error
        raise


def _refuse_closed(connection: Any, *_: object) -> None:
    """Have the pool replace a connection that the server closed; asyncpg knows that without a round trip."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError


def _terminate_hanging(context: ExceptionContext) -> None:
    """Cut a connection whose statement took too long: rolling back over it would hang as well."""
    if isinstance(context.original_exception, TimeoutError) and context.connection is not None:
        context.connection.connection.driver_connection.terminate()
        context.is_disconnect = True


def _sqlstate(error: DBAPIError) -> str:
    return str(getattr(error.orig, "sqlstate", None) or getattr(error.orig, "pgcode", None) or "")


def is_away(error: DBAPIError) -> bool:
    """Whether PostgreSQL is gone or going: lost connections and SQLSTATE classes 08 and 57P."""
    if error.connection_invalidated:
        return True
    state = _sqlstate(error)
    if state.startswith(("08", "57P")):
        return True
    return isinstance(error, OperationalError | InterfaceError) and not state
