"""The first start without the demo: make a tenant and its first administrator."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from zoneinfo import available_timezones

from itsdangerous import BadData
from sqlalchemy import func, select

from backend.cases.audit.record import record_fact
from backend.cases.core.errors import CaseError
from backend.cases.core.signatures import read_signed, signer
from backend.cases.people.new_person import NewPerson, checked_row, insert_person
from backend.database.engine import Database
from backend.database.inserts import insert_new
from backend.database.starter_rows import GROUPS, starter_rows
from backend.database.tables import Person, Tenant
from backend.i18n.language import chosen_language
from backend.kit.i18n import N_
from backend.kit.text import single_line

DEFAULT_TENANT = "default"
LONGEST_NAME = 80
KEY_AGE = timedelta(days=2)
PURPOSE = "setup"
_TENANT = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


@cache
def time_zones() -> tuple[str, ...]:
    """All time zones by name, read once: finding them means walking through hundreds of files."""
    return tuple(sorted(available_timezones()))


class TenantExists(CaseError):
    """This tenant already exists. Nothing was changed."""

    code = "tenant_exists"


@dataclass(frozen=True)
class NewTenant:
    """A new tenant: its key, name, time zone (IANA), and the language of its emails."""

    id: str
    name: str
    time_zone: str
    language: str = "en"

    @property
    def zone(self) -> str:
        """The time zone, also if only its city was given; empty if there is no such zone, or several."""
        wanted = self.time_zone.strip().replace(" ", "_").casefold()
        of_city = [each for each in time_zones() if each.rpartition("/")[2].casefold() == wanted]
        exact = [each for each in time_zones() if each.casefold() == wanted]
        found = exact or of_city
        return found[0] if len(found) == 1 else ""

    def problems(self) -> dict[str, str]:
        """What is wrong with it, by field."""
        problems = {}
        if not _TENANT.fullmatch(self.id):
            problems["tenant"] = N_("Enter a key of up to 40 characters: a to z, digits and hyphens.")
        if not single_line(self.name) or len(self.name) > LONGEST_NAME:
            problems["organization"] = N_("Enter a name of up to {count} characters.").format(count=LONGEST_NAME)
        if not self.zone:
            problems["time_zone"] = N_("Choose a time zone from the list, such as Europe/Vienna.")
        if chosen_language(self.language) is None:
            problems["language"] = N_("Choose a language from the list.")
        return problems


class SetupKeys:
    """The key in the address of the setup page: only who can read the log of `up` can set Countersign up."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._signer = signer(keys, PURPOSE)

    def new(self) -> str:
        """A key that is valid for two days."""
        return self._signer.dumps("")

    def is_valid(self, key: str) -> bool:
        """Whether it is one of ours."""
        try:
            read_signed(self._signer, key, KEY_AGE)
        except BadData:
            return False
        return True


async def is_set_up(database: Database) -> bool:
    """Whether there is a tenant."""
    async with database.across_tenants() as session:
        return bool(await session.scalar(select(func.count()).select_from(Tenant)))


async def set_up(
    database: Database, tenant: NewTenant, admin: NewPerson, password: str | None, *, by: str = ""
) -> Person:
    """Make the tenant, and its first administrator as a member of every group; `by` another, or by themselves.

    Without a password, the administrator sets it by a link. InvalidInput with a sentence for each field that is
    wrong; TenantExists, also for the later of two at the same time.
    """
    row = await checked_row(admin, password, tenant.problems())
    made = {"name": single_line(tenant.name), "time_zone": tenant.zone, "language": tenant.language}
    async with database.across_tenants() as session:
        if not await insert_new(session, Tenant, id=tenant.id, **made):
            raise TenantExists(N_("The tenant {tenant} already exists. Nothing was changed.").format(tenant=tenant.id))
        session.add_all(starter_rows(tenant.id))
        await session.flush()
        await record_fact(session, tenant.id, "tenant.add", by or row.id, tenant.id, **made)
        await insert_person(session, row, tuple(GROUPS), by or row.id)
    return row
