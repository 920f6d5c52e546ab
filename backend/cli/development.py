"""Commands for engineers who write processes."""

from typing import Annotated

import typer

app = typer.Typer()


@app.command("new-process")
def new_process(
    name: Annotated[str, typer.Argument(help="Name of the process in code, such as expense_refund.")],
    title: Annotated[str, typer.Option(help="Title shown to people; defaults to the name in words.")] = "",
    domain: Annotated[str, typer.Option(help="Domain whose workers run it, such as finance.")] = "office",
    activity: Annotated[str, typer.Option(help="Also create an activity, such as pay_refund.")] = "",
    *,
    run: Annotated[
        bool, typer.Option("--test/--no-test", help="Run the generated test and keep its histories.")
    ] = True,
) -> None:
    """Generate a working process: workflow, test and registration."""
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
    typer.echo("Done. `make run` shows the new process. Next, adapt the workflow to your needs.")
    typer.echo("Until the process has run anywhere else, rewrite its kept histories after each change:")
    typer.echo(f"KEEP_HISTORIES=replace pytest {made.test_file}")
