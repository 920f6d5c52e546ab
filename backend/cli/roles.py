"""Commands that run Countersign, and that prepare its database."""

import asyncio
import json
import os
import signal
import socket
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

import typer

from backend.cli.refusals import refused, require
from backend.logs import configure_logging
from backend.settings import PREFIX, InvalidPlan, Settings, owner_settings, process_plan, settings

app = typer.Typer()
Host = Annotated[str, typer.Option(help="Host the web app listens on.")]
Port = Annotated[int, typer.Option(help="Port the web app listens on.")]


async def _run_until_stopped(run: Callable[[asyncio.Event], Awaitable[None]]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, stop.set)
    await run(stop)


def keep_files_private() -> None:
    """Create files that only their owner can read."""
    os.umask(0o077)


def check_plans() -> None:
    """Exit with 2 and a message if a duration of a process is invalid."""
    from backend.processes import PROCESSES

    try:
        for process in PROCESSES:
            process_plan(process.key, process.plan)
    except InvalidPlan as error:
        raise refused(error) from error


@app.command()
def up(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    data_dir: Annotated[Path | None, typer.Option(help="Folder for all data; defaults to .data.")] = None,
    *,
    no_demo: Annotated[bool, typer.Option("--no-demo", help="Do not create demo people and cases.")] = False,
) -> None:
    """Start everything. Services without a configured address run in the data folder."""
    from backend.commands.up import Address, run_everything
    from backend.embedded.child import StartFailed
    from backend.embedded.folder import FolderInUse
    from backend.embedded.ports import CannotListen

    check_plans()
    keep_files_private()
    if data_dir is not None:
        os.environ[f"{PREFIX}DATA_DIR"] = str(data_dir)
    try:
        run_everything(Settings(), Address(host, port), demo=not no_demo)
    except (FolderInUse, CannotListen, StartFailed) as error:
        raise refused(error) from error


@app.command()
def web(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    accept_on: Annotated[int | None, typer.Option(hidden=True, help="Inherited socket, from `up`.")] = None,
    lifeline: Annotated[int | None, typer.Option(hidden=True, help="Inherited pipe that ends with `up`.")] = None,
    place: Annotated[int, typer.Option(hidden=True, help="Which of the web processes of `up` this is.")] = 0,
) -> None:
    """Serve the pages and the REST API."""
    from backend.embedded.ports import CannotListen, listen

    require("database_url", "temporal_address", "secret_keys", "payload_keys")
    check_plans()
    keep_files_private()
    configure_logging(settings())
    try:
        accepting = listen(host, port) if accept_on is None else socket.socket(fileno=accept_on)
    except CannotListen as error:
        raise refused(error) from error
    raise typer.Exit(_serve(accepting, lifeline, place))


def _serve(accepting: socket.socket, lifeline: int | None, place: int) -> int:
    from backend.api.server import server_config
    from backend.commands.web import Lifeline, keep_serving, run_server

    config = server_config(settings())
    if lifeline is None:
        return run_server(config, accepting)
    return keep_serving(config, accepting, Lifeline(lifeline, settings().data_dir / f"web-{place}.pid"))


@app.command()
def worker(
    domain: Annotated[str | None, typer.Option(help="Only workers of this domain.")] = None,
    kind: Annotated[Literal["workflow", "activity"] | None, typer.Option(help="Only workers of this kind.")] = None,
) -> None:
    """Run workers: all, or those of one domain or kind."""
    import uvloop

    from backend.processes import domains
    from backend.workers.run import run_workers

    known = sorted({*domains("workflow"), *domains("activity")} if kind is None else domains(kind))
    if domain is not None and domain not in known:
        raise typer.BadParameter(f"There is no domain {domain}. Use one of {', '.join(known)}.", param_hint="--domain")
    require("database_url", "temporal_address", "payload_keys")
    keep_files_private()
    configure_logging(settings())
    uvloop.run(_run_until_stopped(lambda stop: run_workers(settings(), domain, kind, stop)))


@app.command()
def relay() -> None:
    """Deliver messages of the outbox, send emails, and reconcile open cases every minute."""
    import uvloop

    from backend.commands.relay import run_relay

    require("database_url", "temporal_address", "secret_keys", "payload_keys")
    keep_files_private()
    configure_logging(settings())
    uvloop.run(_run_until_stopped(lambda stop: run_relay(settings(), stop)))


@app.command()
def migrate() -> None:
    """Bring the schema up to date and grant the app's role access."""
    from backend.database.migrate import let_app_in
    from backend.database.migrate import migrate as upgrade

    found = owner_settings()
    if not found.database_owner_url:
        raise typer.BadParameter("Set COUNTERSIGN_DATABASE_OWNER_URL to the URL of the role that owns the schema.")
    upgrade(found.database_owner_url)
    asyncio.run(let_app_in(found.database_owner_url, found.database_url))


@app.command()
def seed() -> None:
    """Create the demo people, groups and budgets; safe to repeat. Refused where there is a tenant of one's own."""
    from backend.commands.first_start import REFUSED, seed_demo
    from backend.database.demo import RealPeople

    if not settings().demo_password.get_secret_value():
        raise typer.BadParameter("Set COUNTERSIGN_DEMO_PASSWORD to the password for the demo people.")
    try:
        asyncio.run(seed_demo(settings().database_url, settings().demo_password))
    except RealPeople as error:
        raise refused(REFUSED) from error


@app.command()
def demo() -> None:
    """Open demo cases and act on them; needs `seed` and running workers, safe to repeat."""
    from backend.cli.database import with_database
    from backend.commands.demo.play import play

    for message in with_database(play):
        typer.echo(message)


@app.command()
def routes(*, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List every route with its access policy."""
    from backend.api.main import create_app
    from backend.api.routes.core.security import declared_routes

    rows = [{**asdict(route), "csrf": route.csrf} for route in declared_routes(create_app(settings()))]
    lines = ("  ".join((row["method"], row["path"], row["policy"])) for row in rows)
    typer.echo(json.dumps(rows, indent=2) if as_json else "\n".join(lines))
