"""The demo: two tenants, their people, groups, budgets and stock. Safe to repeat."""

from collections.abc import Iterator
from decimal import Decimal

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import select
from sqlmodel import SQLModel

from backend.database.demo_calendar import calendar_rows
from backend.database.engine import Database
from backend.database.inserts import insert_new
from backend.database.starter_rows import groups_of
from backend.database.tables import Budget, CreditRating, Membership, Person, StockItem, Tenant
from backend.kit.text import one_spelling

TENANTS = {"default": "Default", "acme": "Acme"}
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
# Customers by the name used for lookups: score and credit limit.
RATINGS = (
    ("nordwerk möbel gmbh", 86, "25000"),
    ("halden regalbau", 61, "8000"),
    ("lindner spedition", 44, "5000"),
    ("brandt & söhne", 18, "1000"),
)
STOCK = (
    ("LAMP-01", "Desk lamp", 100_000),
    ("DESK-160", "Standing desk 160 × 80", 5_000),
    ("CHAIR-02", "Office chair", 20_000),
    ("SHELF-07", "Oak shelf", 3),
    ("RUG-11", "Wool rug", 0),
)


class RealPeople(Exception):
    """This installation has a tenant of its own, so the demo is not added: its people share one password."""


async def seed(database: Database, password: str) -> None:
    """Add what is missing and set the demo password; change nothing else. RealPeople if not every tenant is a demo."""
    hashed = PasswordHash((Argon2Hasher(),)).hash(one_spelling(password))
    async with database.across_tenants() as session:
        if await session.scalar(select(Tenant.id).where(Tenant.demo.is_(False)).limit(1)):
            raise RealPeople
        for tenant, name in TENANTS.items():
            await insert_new(session, Tenant, id=tenant, name=name, decision_links=tenant == "default", demo=True)
            for row in _belongings(tenant):
                await insert_new(session, type(row), **row.model_dump())
        for person, name, tenant, _, _ in PEOPLE:
            await insert_new(session, Person, id=person, tenant_id=tenant, name=name, email=f"{person}@example.com")
        for person, _, tenant, manager, groups in PEOPLE:
            row = await session.get_one(Person, person)
            row.password_hash = hashed
            row.manager_id = row.manager_id or manager
            for group in groups:
                await insert_new(session, Membership, tenant_id=tenant, group_id=group, person_id=person)


def _belongings(tenant: str) -> Iterator[SQLModel]:
    """What every tenant of the demo has: groups, budgets, customers with a rating, and stock."""
    yield from groups_of(tenant)
    for centre, title, amount in BUDGETS:
        yield Budget(tenant_id=tenant, cost_centre=centre, name=title, amount=Decimal(amount), reserved=Decimal(0))
    for customer, score, credit in RATINGS:
        yield CreditRating(tenant_id=tenant, customer=customer, score=score, credit=Decimal(credit))
    for sku, title, quantity in STOCK:
        yield StockItem(tenant_id=tenant, sku=sku, name=title, quantity=quantity)
    yield from calendar_rows(tenant)
