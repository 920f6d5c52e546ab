"""The demo: two tenants, the people of the house, their groups and budgets. Safe to repeat."""

from decimal import Decimal

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import SQLModel

from backend.database.engine import Database
from backend.database.tables import Budget, Group, Membership, Person, Tenant

TENANTS = {"default": "Default", "acme": "Acme"}
GROUPS = {
    "employees": "employees",
    "managers": "managers",
    "finance": "finance",
    "orders": "orders staff",
    "editors": "editors",
    "people-operations": "people operations",
    "admins": "administrators",
}
PEOPLE = (
    ("ann", "Ann Berger", "default", "mona", ("employees",)),
    ("mona", "Mona Lind", "default", "fay", ("employees", "managers")),
    ("finn", "Finn Aalto", "default", "fay", ("employees", "finance")),
    ("fay", "Fay Nowak", "default", "finn", ("employees", "finance")),
    ("olga", "Olga Petrov", "default", "mona", ("employees", "orders")),
    ("edda", "Edda Holm", "default", "mona", ("employees", "editors")),
    ("hugo", "Hugo Marin", "default", "mona", ("employees", "people-operations")),
    ("root", "Ruth Root", "default", None, ("admins",)),
    ("eve", "Eve Stone", "default", None, ()),
    ("zoe", "Zoe Adams", "acme", None, ("admins",)),
)
BUDGETS = (
    ("4200", "Logistics", "50000"),
    ("3100", "Workshop", "30000"),
    ("1000", "Office", "8000"),
    ("9900", "Closed projects", "0"),
)


async def seed(database: Database, password: str) -> None:
    """Add what is missing and set the demo password; change nothing else."""
    hashed = PasswordHash((Argon2Hasher(),)).hash(password)
    async with database.across_tenants() as session:

        async def add(row: SQLModel) -> None:
            await session.execute(insert(type(row)).values(row.model_dump()).on_conflict_do_nothing())

        for tenant, name in TENANTS.items():
            await add(Tenant(id=tenant, name=name))
            for group, title in GROUPS.items():
                await add(Group(tenant_id=tenant, id=group, name=title))
            for centre, title, amount in BUDGETS:
                await add(
                    Budget(
                        tenant_id=tenant,
                        cost_centre=centre,
                        name=title,
                        amount=Decimal(amount),
                        reserved=Decimal(0),
                    )
                )
        for person, name, tenant, _, _ in PEOPLE:
            await add(Person(id=person, tenant_id=tenant, name=name, email=f"{person}@example.com"))
        for person, _, tenant, manager, groups in PEOPLE:
            row = await session.get_one(Person, person)
            row.password_hash = hashed
            row.manager_id = row.manager_id or manager
            for group in groups:
                await add(Membership(tenant_id=tenant, group_id=group, person_id=person))
