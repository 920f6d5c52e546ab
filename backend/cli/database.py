"""The database connection of short commands."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import typer

from backend.settings import settings

Result = TypeVar("Result")


def with_database(use: "Callable[[Database], Awaitable[Result]]") -> Result:  # type: ignore[name-defined]  # noqa: F821
    """Run this with the app's database. Exits with 2 if the database is unavailable, with 1 if the use case refuses."""
    from backend.cases.core.errors import CaseError
    from backend.database.engine import Database
    from backend.database.errors import DatabaseAway

    if not settings().database_url:
        typer.echo("Set COUNTERSIGN_DATABASE_URL, or start `countersign up` first.", err=True)
        raise typer.Exit(2)

    async def run() -> Result:
        database = Database(settings().database_url, 2)
        try:
            return await use(database)
        finally:
            await database.close()

    try:
        return asyncio.run(run())
    except DatabaseAway as error:
        typer.echo("The database is not responding.", err=True)
        raise typer.Exit(2) from error
    except CaseError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
