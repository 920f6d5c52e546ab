"""The `countersign` command: runs, operates and checks Countersign."""

import typer

from backend.cli import accounts, development, operations, roles
from backend.process_exit import exit_now

app = typer.Typer(no_args_is_help=True, add_completion=False, help="The business desk for Temporal.")
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
