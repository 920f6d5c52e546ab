"""Accounts and API tokens."""

from typing import Annotated

import typer

from backend.cli.database import with_database

app = typer.Typer()
user_app = typer.Typer(no_args_is_help=True, help="Manage accounts.")
token_app = typer.Typer(no_args_is_help=True, help="Manage API tokens.")
app.add_typer(user_app, name="user")
app.add_typer(token_app, name="token")


@user_app.command("add")
def user_add(
    name: Annotated[str, typer.Argument(help="Username, such as ann.")],
    full_name: Annotated[str, typer.Option("--full-name", help="Full name, shown to colleagues.")],
    email: Annotated[str, typer.Option(help="Work email address.")],
    password: Annotated[
        str, typer.Option(prompt=True, confirmation_prompt=True, hide_input=True, help="Prompted for if omitted.")
    ],
    tenant: Annotated[str, typer.Option(help="Tenant of the account.")] = "default",
    manager: Annotated[str, typer.Option(help="Username of the manager, who approves their requests.")] = "",
    group: Annotated[list[str] | None, typer.Option(help="Group to join; repeatable.")] = None,
) -> None:
    """Create an account."""
    from backend.cases.people.new_person import NewPerson, add_person

    new = NewPerson(name, tenant, full_name, email, manager or None, tuple(group or ()))
    with_database(lambda database: add_person(database, new, password))
    typer.echo(f"Account {name} created.")


@token_app.command("create")
def token_create(
    user: Annotated[str, typer.Option(help="Username of the person whose permissions the token has.")],
    name: Annotated[str, typer.Option(help="Name of the token, such as the program that uses it.")],
    scope: Annotated[
        str, typer.Option(help="`read` for read-only access; empty for all permissions of the person.")
    ] = "",
) -> None:
    """Create a bearer token and print it. It is shown only once."""
    from backend.cases.people.tokens import SCOPES, create_token

    if scope not in SCOPES:
        raise typer.BadParameter(f"Unknown scope {scope}. Use read, or leave it empty.", param_hint="--scope")
    typer.echo(with_database(lambda database: create_token(database, user, name, scope)))
