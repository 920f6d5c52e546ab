"""The database connection of short commands."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import typer

from backend.cli.refusals import refused, require
from backend.settings import settings

Result = TypeVar("Result")


def with_database(use: "Callable[[Database], Awaitable[Result]]") -> Result:  # type: ignore[name-defined]  # noqa: F821
    """Run this with the app's database. Exits with 2 if that is not ready, with 1 if the use case refuses."""
    from sqlalchemy.exc import ArgumentError, ProgrammingError

    from backend.cases.core.errors import CaseError
    from backend.database.engine import Database
    from backend.database.errors import DatabaseAway

    require("database_url")

    async def run() -> Result:
        database = Database(settings().database_url, 2)
        try:
            return await use(database)
        finally:
            await database.close()

    try:
        return asyncio.run(run())
    except DatabaseAway as error:
        raise refused("The database is not responding.") from error
    except ProgrammingError as error:
        raise refused("The schema is missing or out of date. Run `countersign migrate` first.") from error
    except ArgumentError as error:
        raise refused("COUNTERSIGN_DATABASE_URL is not a valid URL.") from error
    except CaseError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
