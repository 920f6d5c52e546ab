"""The `countersign` command: runs, operates and checks Countersign."""

from typing import Annotated

import typer

from backend import VERSION
from backend.cli import accounts, development, operations, roles
from backend.process_exit import exit_now

app = typer.Typer(no_args_is_help=True, add_completion=False, help="The business desk for Temporal.")


def _print_version(asked: bool) -> None:  # noqa: FBT001 - as Typer calls it
    if asked:
        typer.echo(f"Countersign {VERSION}")
        raise typer.Exit


@app.callback()
def run(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """The business desk for Temporal."""


for group in (roles, accounts, operations, development):
    app.add_typer(group.app)


def main() -> None:
    """Run the command and exit with its code."""
    code = 0
    try:
        app(prog_name="countersign")
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    exit_now(code)
