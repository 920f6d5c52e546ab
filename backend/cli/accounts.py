"""The first start without the demo, accounts and API tokens."""

from typing import Annotated

import typer

from backend.cli.database import with_database
from backend.cli.refusals import require
from backend.settings import settings

app = typer.Typer()
user_app = typer.Typer(no_args_is_help=True, help="Manage accounts.")
group_app = typer.Typer(no_args_is_help=True, help="Manage groups.")
token_app = typer.Typer(no_args_is_help=True, help="Manage API tokens.")
app.add_typer(user_app, name="user")
app.add_typer(group_app, name="group")
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


@user_app.command("list")
def user_list(tenant: TenantKey = "default") -> None:
    """List the accounts of a tenant: username, state, groups and full name, separated by tabs."""
    from backend.cases.people.administration import PersonNow, list_people
    from backend.database.engine import Database

    async def read(database: Database) -> list[PersonNow]:
        async with database.transaction(tenant) as session:
            return await list_people(session)

    for each in with_database(read):
        state = "inactive" if not each.active else "invited" if each.invited else "active"
        typer.echo("\t".join((each.id, state, ",".join(each.groups), each.name)))


@user_app.command("disable")
def user_disable(name: Name) -> None:
    """End an account: its sessions and tokens, and its open approvals, which are reassigned."""
    from backend.cases.people.administration import disable_person
    from backend.cases.people.tokens import COMMAND_LINE

    changed = with_database(lambda database: disable_person(database, name, by=COMMAND_LINE))
    typer.echo(f"Account {name} is inactive. Approvals reassigned: {changed.reassigned}.")


@group_app.command("add")
def group_add(
    key: Annotated[str, typer.Argument(help="Key that processes use: a to z, digits and hyphens.")],
    name: Annotated[str, typer.Option(help="Name that people see.")],
    tenant: TenantKey = "default",
) -> None:
    """Add a group."""
    from backend.cases.people.groups import add_group
    from backend.cases.people.tokens import COMMAND_LINE

    with_database(lambda database: add_group(database, key, name, tenant=tenant, by=COMMAND_LINE))
    typer.echo(f"Group {key} added.")


@group_app.command("list")
def group_list(tenant: TenantKey = "default") -> None:
    """List the groups of a tenant: key, name and members, separated by tabs."""
    from backend.cases.people.groups import GroupNow, list_groups
    from backend.database.engine import Database

    async def read(database: Database) -> list[GroupNow]:
        async with database.transaction(tenant) as session:
            return await list_groups(session)

    for each in with_database(read):
        typer.echo("\t".join((each.id, each.name, ", ".join(each.members))))


@token_app.command("list")
def token_list(user: Annotated[str, typer.Option(help="Username whose tokens to list.")]) -> None:
    """List tokens: name, scope, when created and when last used, separated by tabs; revoked ones are left out."""
    from backend.cases.people.tokens import list_tokens

    for each in with_database(lambda database: list_tokens(database, user)):
        used = f"{each.used_at:%Y-%m-%d %H:%M}" if each.used_at else "never"
        typer.echo("\t".join((each.name, each.scope or "full", f"{each.created_at:%Y-%m-%d %H:%M}", used)))


@token_app.command("revoke")
def token_revoke(
    user: Annotated[str, typer.Option(help="Username whose token to revoke.")],
    name: Annotated[str, typer.Option(help="Name of the token. If several have it, all are revoked.")],
) -> None:
    """Revoke a token at once."""
    from backend.cases.people.tokens import revoke_token

    typer.echo(f"{with_database(lambda database: revoke_token(database, user, name))} revoked")


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
