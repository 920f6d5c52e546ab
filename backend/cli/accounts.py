"""People and the tokens of their programs."""

from typing import Annotated

import typer

from backend.cli.running import with_database

app = typer.Typer()
user_app = typer.Typer(no_args_is_help=True, help="People with an account.")
token_app = typer.Typer(no_args_is_help=True, help="Bearer tokens of programs.")
app.add_typer(user_app, name="user")
app.add_typer(token_app, name="token")


@user_app.command("add")
def user_add(
    name: Annotated[str, typer.Argument(help="The login name, such as ann.")],
    full_name: Annotated[str, typer.Option("--full-name", help="How colleagues know them.")],
    email: Annotated[str, typer.Option()],
    password: Annotated[str, typer.Option(prompt=True, confirmation_prompt=True, hide_input=True)],
    tenant: Annotated[str, typer.Option()] = "default",
    manager: Annotated[str, typer.Option(help="The login name of who approves for them.")] = "",
    group: Annotated[list[str] | None, typer.Option(help="A group they belong to; may be given often.")] = None,
) -> None:
    """Add a person."""
    from backend.cases.people.accounts import NewPerson, add_person

    new = NewPerson(name, tenant, full_name, email, manager or None, tuple(group or ()))
    with_database(lambda database: add_person(database, new, password))
    typer.echo(f"{name} can sign in.")


@token_app.command("create")
def token_create(
    user: Annotated[str, typer.Option(help="Whose rights the token has.")],
    name: Annotated[str, typer.Option(help="What the token is for.")],
    scope: Annotated[str, typer.Option(help="`read` to allow no change; empty for all the person may do.")] = "",
) -> None:
    """Print a new bearer token of a person, once."""
    from backend.cases.people.accounts import SCOPES, create_token

    if scope not in SCOPES:
        raise typer.BadParameter(f"There is no scope {scope}; use one of: read.", param_hint="--scope")
    typer.echo(with_database(lambda database: create_token(database, user, name, scope)))
