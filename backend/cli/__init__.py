"""The `countersign` program: everything that runs, repairs or explains the desk."""

import typer

from backend.cli import accounts, development, operations, roles
from backend.process_exit import leave

app = typer.Typer(no_args_is_help=True, add_completion=False, help="The business desk for Temporal.")
for part in (roles, accounts, operations, development):
    app.add_typer(part.app)


def main() -> None:
    """Run the program and leave with its exit code."""
    code = 0
    try:
        app(prog_name="countersign")
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    leave(code)
