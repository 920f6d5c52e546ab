"""What an operator asks and repairs. Every command exits with 0 only if all is well."""

import asyncio
import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from backend.cli.running import with_database
from backend.settings import settings

app = typer.Typer()
outbox_app = typer.Typer(no_args_is_help=True, help="What Temporal has to hear.")
letters_app = typer.Typer(no_args_is_help=True, help="What could not be passed on.")
audit_app = typer.Typer(no_args_is_help=True, help="The audit trail.")
keys_app = typer.Typer(no_args_is_help=True, help="Signing and payload keys.")
app.add_typer(outbox_app, name="outbox")
app.add_typer(letters_app, name="dead-letters")
app.add_typer(audit_app, name="audit")
app.add_typer(keys_app, name="keys")
ROTATION = """Set these on every process. Where old and new processes run side by side, add the new payload key
behind the former one first, and move it to the front when every process knows it."""
Json = Annotated[bool, typer.Option("--json", help="For programs.")]


def _exit(*, ok: bool) -> None:
    raise typer.Exit(0 if ok else 1)


@app.command()
def doctor(*, as_json: Json = False) -> None:
    """Say what is wrong with this installation."""
    from backend.commands.doctor import examine

    findings = asyncio.run(examine(settings()))
    if as_json:
        typer.echo(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        for finding in findings:
            typer.echo(f"{'ok ' if finding.ok else 'BAD'}  {finding.part}: {finding.words}")
    _exit(ok=all(finding.ok for finding in findings))


@outbox_app.command("status")
def outbox_status(*, as_json: Json = False) -> None:
    """Count what waits, what went out and what was set aside."""
    from backend.cases.outbox.outbox import outbox_status as read

    found = with_database(read)
    line = (
        f"{found.waiting} waiting (the oldest for {found.oldest_waiting_seconds:.0f} s), "
        f"{found.sent} sent, {found.failed} set aside"
    )
    typer.echo(found.model_dump_json() if as_json else line)
    _exit(ok=found.ok)


@app.command()
def reconcile(
    *,
    once: Annotated[bool, typer.Option("--once", help="Look once and end; the relay looks every minute.")] = False,
    as_json: Json = False,
) -> None:
    """Compare open cases with what Temporal says of each, and repair what ended behind our back."""
    from backend.commands.relay import reconcile_once

    if not once:
        raise typer.BadParameter("The relay looks every minute by itself; say --once to look now.")
    found = with_database(lambda database: reconcile_once(settings(), database))
    if as_json:
        typer.echo(found.model_dump_json())
    else:
        typer.echo(f"{found.looked_at} open cases looked at, {len(found.repaired)} repaired")
        for reference, state in found.repaired.items():
            typer.echo(f"{reference}: {state}")
        typer.echo(found.approvals.in_words)


@letters_app.command("list")
def dead_letters_list(*, as_json: Json = False) -> None:
    """List what was set aside because it can never work as it stands."""
    from backend.cases.outbox.outbox import set_aside

    rows = with_database(set_aside)
    if as_json:
        typer.echo(json.dumps([row.model_dump(mode="json") for row in rows]))
    else:
        for row in rows:
            typer.echo(f"{row.id}  {row.kind}  {row.workflow_id}  {row.error}")
    _exit(ok=not rows)


@letters_app.command("replay")
def dead_letters_replay(
    ids: Annotated[list[int] | None, typer.Argument(help="Numbers from `dead-letters list`; none means all.")] = None,
) -> None:
    """Give what was set aside another try."""
    from backend.cases.outbox.outbox import try_again

    count = with_database(lambda database: try_again(database, ids or None))
    typer.echo(f"{count} will be tried again")


@audit_app.command("verify")
def audit_verify(
    *,
    file: Annotated[Path | None, typer.Option(help="An exported trail; without, the database.")] = None,
    head: Annotated[str, typer.Option(help="With a file: a hash that was noted before and has to occur in it.")] = "",
    as_json: Json = False,
) -> None:
    """Recompute the hash chain of the audit trail, or of a file that was exported from it."""
    from backend.cases.audit.exported_file import verify_file
    from backend.cases.audit.verify import verify

    if head and file is None:
        raise typer.BadParameter("Give the --file that the noted hash has to occur in.")
    if file is not None and not file.is_file():
        raise typer.BadParameter(f"There is no file {file}.")
    reports = [verify_file(file, head)] if file else with_database(verify)
    if as_json:
        typer.echo(json.dumps([asdict(report) for report in reports]))
    else:
        for report in reports:
            word = (
                f"every row holds, head {report.head or 'none'}"
                if report.ok
                else f"BROKEN at row {report.broken_at}. {report.reason}"
            )
            typer.echo(f"{report.tenant}: {report.rows} rows, {word}")
    _exit(ok=all(report.ok for report in reports))


@keys_app.command("rotate")
def keys_rotate() -> None:
    """Put a new key in front of each ring; the former ones go on decoding and verifying."""
    from backend.commands.keys import rotate

    to_set = rotate(settings())
    for variable, value in to_set.items():
        typer.echo(f"{variable}={value}")
    if to_set:
        typer.echo(ROTATION, err=True)
    else:
        typer.echo("The keys in the data folder are rotated; they are used from the next start of `countersign up`.")


@app.command()
def replay(
    histories: Annotated[Path | None, typer.Argument(help="Folder of kept histories; without, running cases.")] = None,
    *,
    limit: Annotated[int, typer.Option(help="How many running cases at most.")] = 1000,
) -> None:
    """Replay histories against this code: what fails would break running cases if it were deployed."""
    from backend.commands.replay import replay_folder, replay_running

    run = replay_folder(settings(), histories) if histories else replay_running(settings(), limit)
    found = asyncio.run(run)
    typer.echo(f"{found.replayed} histories replayed, {len(found.broken)} broken")
    for workflow_id, reason in found.broken.items():
        typer.echo(f"{workflow_id}: {reason}")
    _exit(ok=not found.broken)
