"""What a new tenant starts with: the groups that the shipped processes name, and working hours."""

from collections.abc import Iterator
from datetime import time

from sqlmodel import SQLModel

from backend.database.tables import Group, WorkingHours

GROUPS = {
    "employees": "employees",
    "managers": "managers",
    "finance": "finance",
    "orders": "orders staff",
    "editors": "editors",
    "people-operations": "people operations",
    "admins": "administrators",
}
OPENS, CLOSES = time(9), time(17)
WORKING_DAYS = range(5)  # Monday is 0


def groups_of(tenant: str) -> Iterator[SQLModel]:
    """The groups of one tenant."""
    for group, name in GROUPS.items():
        yield Group(tenant_id=tenant, id=group, name=name)


def starter_rows(tenant: str) -> Iterator[SQLModel]:
    """The groups of one tenant, and working hours from Monday to Friday."""
    yield from groups_of(tenant)
    for weekday in WORKING_DAYS:
        yield WorkingHours(tenant_id=tenant, weekday=weekday, opens=OPENS, closes=CLOSES)
