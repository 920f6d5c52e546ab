"""Commands to check and repair an installation. Each exits with 0 only if no problem was found."""

import asyncio
import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from backend.cli.database import with_database
from backend.cli.refusals import refused, require
from backend.settings import settings

app = typer.Typer()
outbox_app = typer.Typer(no_args_is_help=True, help="Inspect the outbox: messages for Temporal.")
dead_letters_app = typer.Typer(no_args_is_help=True, help="List and replay messages that failed permanently.")
audit_app = typer.Typer(no_args_is_help=True, help="Verify the audit log.")
keys_app = typer.Typer(no_args_is_help=True, help="Manage signing and payload keys.")
app.add_typer(outbox_app, name="outbox")
app.add_typer(dead_letters_app, name="dead-letters")
app.add_typer(audit_app, name="audit")
app.add_typer(keys_app, name="keys")
ROTATION = """Set these variables for every process. For a rolling deployment, first add the new payload key after the
current one, and move it to the front when every process has it."""
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def _exit(*, ok: bool) -> None:
    raise typer.Exit(0 if ok else 1)


@app.command()
def doctor(*, as_json: Json = False) -> None:
    """Check this installation and say how to fix what is wrong."""
    from backend.commands.doctor import examine

    findings = asyncio.run(examine(settings()))
    if as_json:
        typer.echo(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        for finding in findings:
            typer.echo(f"{'ok    ' if finding.ok else 'FAILED'}  {finding.part}: {finding.words}")
    _exit(ok=all(finding.ok for finding in findings))


@outbox_app.command("status")
def outbox_status(*, as_json: Json = False) -> None:
    """Count waiting, sent and failed messages."""
    from backend.cases.outbox.outbox import outbox_status as read

    found = with_database(read)
    line = (
        f"{found.waiting} waiting (oldest: {found.oldest_waiting_seconds:.0f} s), "
        f"{found.sent} sent, {found.failed} failed"
    )
    typer.echo(found.model_dump_json() if as_json else line)
    _exit(ok=found.ok)


@app.command()
def reconcile(
    *,
    once: Annotated[bool, typer.Option("--once", help="Run once and exit. The relay reconciles every minute.")] = False,
    as_json: Json = False,
) -> None:
    """Compare open cases with Temporal and repair differences."""
    from backend.commands.relay import reconcile_once

    if not once:
        raise typer.BadParameter("The relay reconciles every minute. Use --once to reconcile now.")
    require("database_url", "temporal_address", "payload_keys")
    try:
        found = with_database(lambda database: reconcile_once(settings(), database))
    except RuntimeError as error:  # what the client raises when it cannot connect
        raise refused("Temporal is not responding.") from error
    if as_json:
        typer.echo(found.model_dump_json())
    else:
        typer.echo(f"{found.looked_at} open cases checked, {len(found.repaired)} repaired")
        for reference, state in found.repaired.items():
            typer.echo(f"{reference}: {state}")
        typer.echo(found.approvals.in_words)


@dead_letters_app.command("list")
def dead_letters_list(*, as_json: Json = False) -> None:
    """List messages that failed permanently."""
    from backend.cases.outbox.outbox import set_aside

    rows = with_database(set_aside)
    if as_json:
        typer.echo(json.dumps([row.model_dump(mode="json") for row in rows]))
    else:
        for row in rows:
            typer.echo(f"{row.id}  {row.kind}  {row.workflow_id}  {row.error}")
        if not rows:
            typer.echo("No message failed permanently.")
    _exit(ok=not rows)


@dead_letters_app.command("replay")
def dead_letters_replay(
    ids: Annotated[list[int] | None, typer.Argument(help="Ids from `dead-letters list`; all if omitted.")] = None,
) -> None:
    """Send failed messages again."""
    from backend.cases.outbox.outbox import try_again

    queued = with_database(lambda database: try_again(database, ids or None))
    typer.echo(f"{len(queued)} queued to be sent again")
    unknown = sorted(set(ids or ()) - set(queued))
    if unknown:
        typer.echo(f"No failed message has the ID {', '.join(map(str, unknown))}.", err=True)
    _exit(ok=not unknown)


@audit_app.command("verify")
def audit_verify(
    *,
    file: Annotated[Path | None, typer.Option(help="Exported audit log to verify instead of the database.")] = None,
    head: Annotated[str, typer.Option(help="With --file: a hash recorded earlier that the file must contain.")] = "",
    as_json: Json = False,
) -> None:
    """Verify the hash chain of the audit log against its anchors in the data folder, or an exported file."""
    from backend.cases.audit.anchors import Anchors
    from backend.cases.audit.exported_file import verify_file
    from backend.cases.audit.verify import verify

    if head and file is None:
        raise typer.BadParameter("--head needs --file.")
    if file is not None and not file.is_file():
        raise typer.BadParameter(f"File {file} does not exist.")
    anchors = Anchors(settings().data_dir, settings().keys()) if settings().keys() else None
    if anchors is None and file is None:
        raise refused("Set COUNTERSIGN_SECRET_KEYS: without the signing keys, the anchors cannot be verified.")
    reports = [verify_file(file, head, anchors)] if file else with_database(lambda database: verify(database, anchors))
    if as_json:
        typer.echo(json.dumps([asdict(report) for report in reports]))
    else:
        for report in reports:
            anchored = f"anchored up to row {report.anchored}" if report.anchored else "not anchored"
            outside = ("signed" if report.signed else "not signed") if file else anchored
            word = (
                f"chain intact, head {report.head or 'none'}, {outside}"
                if report.ok
                else f"BROKEN at row {report.broken_at}. {report.reason}"
            )
            typer.echo(f"{report.tenant}: {report.rows} rows, {word}")
    _exit(ok=all(report.ok for report in reports))


@keys_app.command("rotate")
def keys_rotate() -> None:
    """Add a new signing key and payload key. The previous ones still verify and decode."""
    from backend.commands.keys import rotate

    to_set = rotate(settings())
    for variable, value in to_set.items():
        typer.echo(f"{variable}={value}")
    if to_set:
        typer.echo(ROTATION, err=True)
    else:
        typer.echo("Keys rotated. `countersign up` uses them from its next start.")


@app.command()
def replay(
    histories: Annotated[Path | None, typer.Argument(help="Folder with histories; running cases if omitted.")] = None,
    *,
    limit: Annotated[int, typer.Option(help="Maximum number of running cases.")] = 1000,
) -> None:
    """Replay histories against this code, to find changes that would break running cases."""
    from backend.commands.replay import NothingToReplay, replay_folder, replay_running

    require("payload_keys") if histories else require("payload_keys", "temporal_address")
    run = replay_folder(settings(), histories) if histories else replay_running(settings(), limit)
    try:
        found = asyncio.run(run)
    except NothingToReplay as error:
        raise refused(error) from error
    except RuntimeError as error:  # what the client raises when it cannot connect
        raise refused("Temporal is not responding.") from error
    typer.echo(f"{found.replayed} histories replayed, {len(found.broken)} broken")
    for workflow_id, reason in found.broken.items():
        typer.echo(f"{workflow_id}: {reason}")
    _exit(ok=not found.broken)
