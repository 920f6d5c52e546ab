"""The first start without the demo, accounts and API tokens."""

from typing import Annotated

import typer

from backend.cli.database import with_database
from backend.cli.refusals import require
from backend.settings import settings

app = typer.Typer()
user_app = typer.Typer(no_args_is_help=True, help="Manage accounts.")
token_app = typer.Typer(no_args_is_help=True, help="Manage API tokens.")
app.add_typer(user_app, name="user")
app.add_typer(token_app, name="token")


Name = Annotated[str, typer.Argument(help="Username, such as ann.")]
FullName = Annotated[str, typer.Option("--full-name", help="Full name, shown to colleagues.")]
Email = Annotated[str, typer.Option(help="Work email address.")]
TenantKey = Annotated[str, typer.Option(help="Tenant of the account.")]
Manager = Annotated[str, typer.Option(help="Username of the manager, who approves their requests.")]
Groups = Annotated[list[str] | None, typer.Option(help="Group to join; repeatable.")]


@app.command()
def setup(
    tenant: Annotated[str, typer.Option(help="Key of the tenant: a to z, digits and hyphens.")],
    name: Annotated[str, typer.Option(help="Name of the organization.")],
    admin: Annotated[str, typer.Option(help="Username of the first administrator.")],
    email: Annotated[str, typer.Option(help="Email address of the first administrator.")],
    full_name: Annotated[str, typer.Option(help="Full name of the first administrator; the username if omitted.")] = "",
    time_zone: Annotated[str, typer.Option(help="Time zone, such as Europe/Vienna.")] = "UTC",
    language: Annotated[str, typer.Option(help="Language of emails: en or de.")] = "en",
) -> None:
    """Make a tenant and its first administrator, and print a one-time link to set the password."""
    from backend.cases.people.new_person import NewPerson
    from backend.cases.people.setup import NewTenant, set_up
    from backend.cases.people.tokens import COMMAND_LINE

    require("database_url", "secret_keys")
    made = NewTenant(tenant, name, time_zone, language)
    first = NewPerson(admin, tenant, full_name or admin, email)
    _print_link(with_database(lambda database: set_up(database, made, first, None, by=COMMAND_LINE)))


def _print_link(person: "Person") -> None:  # type: ignore[name-defined]  # noqa: F821
    from backend.cases.core.password_links import PasswordLinks

    typer.echo(PasswordLinks(settings().keys(), settings().base_url).url(person))


@user_app.command("invite")
def user_invite(
    name: Name,
    full_name: FullName,
    email: Email,
    tenant: TenantKey = "default",
    manager: Manager = "",
    group: Groups = None,
) -> None:
    """Create an account, email an invitation, and print the one-time link to set the password."""
    from backend.cases.people.invitations import invite
    from backend.cases.people.new_person import NewPerson
    from backend.cases.people.tokens import COMMAND_LINE

    require("database_url", "secret_keys")
    new = NewPerson(name, tenant, full_name, email, manager or None, tuple(group or ()))
    person = with_database(lambda database: invite(database, new, by=COMMAND_LINE))
    _print_link(person)


@user_app.command("reset")
def user_reset(name: Name) -> None:
    """Email a one-time link to set a new password, and print it. The current password works until then."""
    from backend.cases.people.invitations import send_password_link
    from backend.cases.people.tokens import COMMAND_LINE

    require("database_url", "secret_keys")
    _print_link(with_database(lambda database: send_password_link(database, name, by=COMMAND_LINE)))


@user_app.command("add")
def user_add(
    name: Name,
    full_name: FullName,
    email: Email,
    password: Annotated[
        str, typer.Option(prompt=True, confirmation_prompt=True, hide_input=True, help="Prompted for if omitted.")
    ],
    tenant: TenantKey = "default",
    manager: Manager = "",
    group: Groups = None,
) -> None:
    """Create an account with a password."""
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
