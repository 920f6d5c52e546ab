"""The one door to PostgreSQL: transactions that know their tenant."""

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

from backend.database.errors import DatabaseAway, EndUnknown, UnstorableText

CONNECT_SECONDS = 3
QUEUE_SECONDS = 10
PATIENCE_SECONDS = 10  # of those whom a person waits for
NOT_IN_REPERTOIRE = {"22021", "22P05"}  # character_not_in_repertoire, untranslatable_character
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
    """A connection whose transactions begin behind the wall of a tenant, in the round trip that begins them."""

    tenant = ""

    async def execute(self, query: str, *args: Any, timeout: float | None = None) -> str:  # noqa: ASYNC109 - as asyncpg
        """Run a statement; one that begins a transaction says whose rows it may see."""
        if query.startswith("BEGIN"):
            tenant = self.tenant.replace("'", "''")
            query = f"{query.rstrip(';')}; SET LOCAL countersign.tenant = '{tenant}'"
        return str(await super().execute(query, *args, timeout=timeout))


class Database:
    """A pool of connections as the app's role; row-level security shows each only its tenant's rows.

    A statement that takes longer than `patience` seconds is given up with its connection: DatabaseAway.
    """

    def __init__(self, url: str, pool_size: int = 10, patience: float | None = None) -> None:
        self.url = url
        self._engine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=0,  # a connection more is made and given up again and again, and each costs milliseconds
            pool_timeout=QUEUE_SECONDS,
            connect_args={
                "timeout": CONNECT_SECONDS,
                "command_timeout": patience,
                "connection_class": TenantConnection,
                "server_settings": {"application_name": "countersign", "jit": "off"},
            },
        )
        event.listen(self._engine.sync_engine, "checkout", _refuse_closed)
        event.listen(self._engine.sync_engine, "handle_error", _leave_what_hangs)
        self._plain = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        self._sessions = async_sessionmaker(self._engine, expire_on_commit=False)

    @asynccontextmanager
    async def transaction(self, tenant: str) -> AsyncIterator[AsyncSession]:
        """One transaction over one tenant's rows, committed at the end; DatabaseAway if PostgreSQL is gone.

        EndUnknown if it went while this was being committed.
        """
        committing = False
        try:
            with _plainly():
                async with self._sessions() as session, session.begin():
                    connection = await session.connection()
                    connection.sync_connection.connection.driver_connection.tenant = tenant
                    yield session
                    committing = True
        except DatabaseAway as away:
            raise (EndUnknown if committing else DatabaseAway) from away.__cause__

    async def look_up(self, statement: TextClause, given: Mapping[str, Any]) -> RowMapping | None:
        """The first row of a statement that stands alone, in one round trip; it sees no tenant unless it says so."""
        return next(iter(await self.look_up_all(statement, given)), None)

    async def look_up_all(self, statement: TextClause, given: Mapping[str, Any]) -> Sequence[RowMapping]:
        """Every row of such a statement."""
        with _plainly():
            async with self._plain.connect() as connection:
                return (await connection.execute(statement, given)).mappings().all()

    def across_tenants(self) -> AbstractAsyncContextManager[AsyncSession]:
        """A transaction over every tenant's rows: for sign-in, relay and reconciler alone."""
        return self.transaction(EVERY_TENANT)

    async def close(self) -> None:
        """Give every connection back."""
        await self._engine.dispose()


@contextmanager
def _plainly() -> Iterator[None]:
    """Tell apart what is gone, what cannot be stored, and what is wrong with a statement."""
    try:
        yield
    except AWAY as error:
        raise DatabaseAway from error
    except DBAPIError as error:
        if is_away(error):
            raise DatabaseAway from error
        if _sqlstate(error) in NOT_IN_REPERTOIRE:
            raise UnstorableText from error
        raise


def _refuse_closed(connection: Any, *_: object) -> None:
    """Have the pool replace what the server has closed; asyncpg knows without asking, so no round trip is spent."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError


def _leave_what_hangs(context: ExceptionContext) -> None:
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
