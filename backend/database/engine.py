"""The one door to PostgreSQL: transactions that know their tenant."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from asyncpg.exceptions import (
    CannotConnectNowError,
    PostgresConnectionError,
    TooManyConnectionsError,
)
from asyncpg.exceptions import (
    InterfaceError as AsyncpgInterfaceError,
)
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from backend.database.errors import DatabaseAway, UnstorableText

CONNECT_SECONDS = 3
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
_SET_TENANT = text("select set_config('countersign.tenant', :tenant, true)")


class Database:
    """A pool of connections as the app's role; row-level security shows each only its tenant's rows."""

    def __init__(self, url: str, pool_size: int = 10) -> None:
        self.url = url
        self._engine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_timeout=CONNECT_SECONDS,
            pool_pre_ping=True,
            connect_args={
                "timeout": CONNECT_SECONDS,
                "server_settings": {"application_name": "countersign", "jit": "off"},
            },
        )
        self._sessions = async_sessionmaker(self._engine, expire_on_commit=False)

    @asynccontextmanager
    async def transaction(self, tenant: str) -> AsyncIterator[AsyncSession]:
        """One transaction over one tenant's rows, committed at the end; DatabaseAway if PostgreSQL is gone."""
        try:
            async with self._sessions() as session, session.begin():
                await session.execute(_SET_TENANT, {"tenant": tenant})
                yield session
        except AWAY as error:
            raise DatabaseAway from error
        except DBAPIError as error:
            if is_away(error):
                raise DatabaseAway from error
            if _sqlstate(error) in NOT_IN_REPERTOIRE:
                raise UnstorableText from error
            raise

    def across_tenants(self) -> AbstractAsyncContextManager[AsyncSession]:
        """A transaction over every tenant's rows: for sign-in, relay and reconciler alone."""
        return self.transaction(EVERY_TENANT)

    async def close(self) -> None:
        """Give every connection back."""
        await self._engine.dispose()


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
