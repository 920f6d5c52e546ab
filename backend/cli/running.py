"""What short commands share: a connection for as long as they run, and plain words when something is away."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import typer

from backend.settings import WrongPlan, process_plan, settings

Answer = TypeVar("Answer")


def with_database(use: "Callable[[Database], Awaitable[Answer]]") -> Answer:  # type: ignore[name-defined]  # noqa: F821
    """Run this with the app's database. Ends the program with 2 and a sentence if that is away or refuses."""
    from backend.cases.core.errors import CaseError
    from backend.database.engine import Database
    from backend.database.errors import DatabaseAway

    if not settings().database_url:
        typer.echo("Set COUNTERSIGN_DATABASE_URL, or start `countersign up` first.", err=True)
        raise typer.Exit(2)

    async def run() -> Answer:
        database = Database(settings().database_url, 2)
        try:
            return await use(database)
        finally:
            await database.close()

    try:
        return asyncio.run(run())
    except DatabaseAway as away:
        typer.echo("The database does not answer.", err=True)
        raise typer.Exit(2) from away
    except CaseError as refused:
        typer.echo(str(refused), err=True)
        raise typer.Exit(1) from refused


def refuse_wrong_plans() -> None:
    """Ends the program with 2 and a sentence if a duration of a process cannot be kept."""
    from backend.processes import PROCESSES

    try:
        for process in PROCESSES:
            process_plan(process.key, process.plan)
    except WrongPlan as wrong:
        typer.echo(str(wrong), err=True)
        raise typer.Exit(2) from wrong
