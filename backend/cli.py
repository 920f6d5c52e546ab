"""The `countersign` program: everything that runs or repairs the desk."""

import asyncio
import json
import signal
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Annotated, Literal

import typer
from pydantic import SecretStr

from backend.logs import write_logs
from backend.process_exit import leave
from backend.settings import Settings, settings

app = typer.Typer(no_args_is_help=True, add_completion=False, help="The business desk for Temporal.")
token_app = typer.Typer(no_args_is_help=True, help="Bearer tokens of programs.")
audit_app = typer.Typer(no_args_is_help=True, help="The audit trail.")
app.add_typer(token_app, name="token")
app.add_typer(audit_app, name="audit")


def main() -> None:
    """Run the program and leave with its exit code."""
    code = 0
    try:
        app()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    leave(code)


async def _until_told(run: Callable[[asyncio.Event], Awaitable[None]]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, stop.set)
    await run(stop)


@app.command()
def up(port: Annotated[int, typer.Option(help="Port of the web app.")] = 8000) -> None:
    """Start everything; what has no address configured runs in the data folder."""
    from backend.commands.up import run_everything

    run_everything(settings(), port)


@app.command()
def web(port: Annotated[int, typer.Option()] = 8000, host: Annotated[str, typer.Option()] = "127.0.0.1") -> None:
    """Serve the pages and the REST API."""
    import uvicorn

    from backend.api.main import create_app

    write_logs(settings())
    uvicorn.run(
        create_app(settings()), host=host, port=port, timeout_graceful_shutdown=5, log_config=None, access_log=False
    )


@app.command()
def worker(
    domain: Annotated[str | None, typer.Option()] = None,
    kind: Annotated[Literal["workflow", "activity"] | None, typer.Option()] = None,
) -> None:
    """Run the workers of one domain or all, of one kind or both."""
    from backend.workers.run import run_workers

    write_logs(settings())
    asyncio.run(_until_told(lambda stop: run_workers(settings(), domain, kind, stop)))


@app.command()
def relay() -> None:
    """Pass on what the outbox holds, and reconcile open cases every minute."""
    from backend.commands.relay import run_relay

    write_logs(settings())
    asyncio.run(_until_told(lambda stop: run_relay(settings(), stop)))


@app.command()
def migrate() -> None:
    """Bring the schema up to date and let the app's role in."""
    from backend.database.migrate import let_app_in
    from backend.database.migrate import migrate as upgrade

    upgrade(settings().database_owner_url)
    asyncio.run(let_app_in(settings().database_owner_url, settings().database_url))


@app.command()
def seed() -> None:
    """Create the demo people, groups and budgets; safe to repeat."""
    password = settings().demo_password.get_secret_value()
    if not password:
        raise typer.BadParameter("Set COUNTERSIGN_DEMO_PASSWORD to the password the demo people shall have.")
    asyncio.run(_seed(settings(), SecretStr(password)))


async def _seed(given: Settings, password: SecretStr) -> None:
    from backend.database.demo import seed as seed_demo
    from backend.database.engine import Database

    database = Database(given.database_url, 2)
    await seed_demo(database, password.get_secret_value())
    await database.close()


@token_app.command("create")
def token_create(person: str, name: Annotated[str, typer.Option(help="What the token is for.")] = "token") -> None:
    """Print a new bearer token of a person, once."""
    from backend.cases.people import create_token
    from backend.database.engine import Database

    async def create() -> str:
        database = Database(settings().database_url, 2)
        made = await create_token(database, person, name)
        await database.close()
        return made

    typer.echo(asyncio.run(create()))


@audit_app.command("verify")
def audit_verify() -> None:
    """Recompute the hash chain of the audit trail."""
    from backend.cases.audit import verify
    from backend.database.engine import Database

    async def check() -> object:
        database = Database(settings().database_url, 2)
        found = await verify(database)
        await database.close()
        return found

    typer.echo(str(asyncio.run(check())))


@app.command()
def routes(*, as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """List every route with its declared policy."""
    from backend.api.main import create_app
    from backend.api.routes.core.security import declared_routes

    rows = [{**asdict(route), "csrf": route.csrf} for route in declared_routes(create_app(settings()))]
    lines = ("  ".join((row["method"], row["path"], row["policy"])) for row in rows)
    typer.echo(json.dumps(rows, indent=2) if as_json else "\n".join(lines))
