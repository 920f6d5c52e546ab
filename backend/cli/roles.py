"""The roles that processes play, and what prepares a database for them."""

import asyncio
import json
import os
import signal
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

import typer

from backend.cli.running import refuse_wrong_plans
from backend.logs import write_logs
from backend.settings import PREFIX, Settings, settings

app = typer.Typer()
Host = Annotated[str, typer.Option(help="Address the web app listens on.")]
Port = Annotated[int, typer.Option(help="Port of the web app.")]


async def _until_told(run: Callable[[asyncio.Event], Awaitable[None]]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, stop.set)
    await run(stop)


@app.command()
def up(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    data_dir: Annotated[Path | None, typer.Option(help="Folder of all data; .data unless configured.")] = None,
    *,
    no_demo: Annotated[bool, typer.Option("--no-demo", help="No demo people, groups, budgets and cases.")] = False,
) -> None:
    """Start everything; what has no address configured runs in the data folder."""
    from backend.commands.up import Address, run_everything
    from backend.embedded.folder import FolderTaken

    refuse_wrong_plans()
    if data_dir is not None:
        os.environ[f"{PREFIX}DATA_DIR"] = str(data_dir)
    try:
        run_everything(Settings(), Address(host, port), demo=not no_demo)
    except FolderTaken as taken:
        typer.echo(str(taken), err=True)
        raise typer.Exit(2) from taken


@app.command()
def web(host: Host = "127.0.0.1", port: Port = 8000) -> None:
    """Serve the pages and the REST API."""
    import uvicorn

    from backend.api.main import create_app
    from backend.api.routes.cases.polling import OneAnswerASecond

    refuse_wrong_plans()
    write_logs(settings())
    app = OneAnswerASecond(create_app(settings()))
    uvicorn.run(app, host=host, port=port, timeout_graceful_shutdown=5, log_config=None, access_log=False)


@app.command()
def worker(
    domain: Annotated[str | None, typer.Option()] = None,
    kind: Annotated[Literal["workflow", "activity"] | None, typer.Option()] = None,
) -> None:
    """Run the workers of one domain or all, of one kind or both."""
    import uvloop

    from backend.workers.run import run_workers

    write_logs(settings())
    uvloop.run(_until_told(lambda stop: run_workers(settings(), domain, kind, stop)))


@app.command()
def relay() -> None:
    """Pass on what the outbox holds, and reconcile open cases every minute."""
    import uvloop

    from backend.commands.relay import run_relay

    write_logs(settings())
    uvloop.run(_until_told(lambda stop: run_relay(settings(), stop)))


@app.command()
def migrate() -> None:
    """Bring the schema up to date and let the app's role in."""
    from backend.database.migrate import let_app_in
    from backend.database.migrate import migrate as upgrade

    if not settings().database_owner_url:
        raise typer.BadParameter("Set COUNTERSIGN_DATABASE_OWNER_URL to the URL of the role that owns the schema.")
    upgrade(settings().database_owner_url)
    asyncio.run(let_app_in(settings().database_owner_url, settings().database_url))


@app.command()
def seed() -> None:
    """Create the demo people, groups and budgets; safe to repeat."""
    from backend.commands.up import seed_demo

    if not settings().demo_password.get_secret_value():
        raise typer.BadParameter("Set COUNTERSIGN_DEMO_PASSWORD to the password the demo people shall have.")
    asyncio.run(seed_demo(settings().database_url, settings().demo_password))


@app.command()
def demo() -> None:
    """Open cases for the demo and let its people act on them; needs `seed` and running workers, safe to repeat."""
    from backend.cli.running import with_database
    from backend.commands.demo.play import play

    for stopped in with_database(play):
        typer.echo(stopped)


@app.command()
def routes(*, as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """List every route with its declared policy."""
    from backend.api.main import create_app
    from backend.api.routes.core.security import declared_routes

    rows = [{**asdict(route), "csrf": route.csrf} for route in declared_routes(create_app(settings()))]
    lines = ("  ".join((row["method"], row["path"], row["policy"])) for row in rows)
    typer.echo(json.dumps(rows, indent=2) if as_json else "\n".join(lines))
