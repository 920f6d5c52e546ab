"""What engineers who write processes use."""

from typing import Annotated

import typer

app = typer.Typer()


@app.command("new-process")
def new_process(
    name: Annotated[str, typer.Argument(help="What the process is called in code, such as expense_refund.")],
    title: Annotated[str, typer.Option(help="What people call it; by default the name in words.")] = "",
    domain: Annotated[str, typer.Option(help="Whose workers run it, such as finance.")] = "office",
    activity: Annotated[str, typer.Option(help="An activity of its own, such as pay_refund.")] = "",
    *,
    run: Annotated[bool, typer.Option("--test/--no-test", help="Run its test and keep the histories.")] = True,
) -> None:
    """Write a process that works: its workflow, its test and its entry in the list."""
    from backend.commands.new_process.generator import NameRefused, new_process, prove, write

    try:
        made = new_process(name, title, domain, activity)
        written = write(made)
    except NameRefused as refused:
        typer.echo(str(refused), err=True)
        raise typer.Exit(1) from refused
    for path in written:
        typer.echo(path)
    if run and not prove(made):
        raise typer.Exit(1)
    typer.echo("It works as it stands: `make run` shows it. Now make it yours.")
