"""What an installation begins with: the demo, or the address of the page that makes the first administrator."""

import asyncio
import secrets
from pathlib import Path

from pydantic import SecretStr

from backend.cases.people.setup import SetupKeys, is_set_up
from backend.commands.keys import read_or_create
from backend.database.demo import PEOPLE, RealPeople, seed
from backend.database.engine import Database
from backend.settings import Settings

REFUSED = "The demo is not added: this installation has a tenant of its own."


async def seed_demo(url: str, password: SecretStr) -> None:
    """Create the demo people, groups and budgets in this database. RealPeople if not every tenant is a demo."""
    database = Database(url, 2)
    try:
        await seed(database, password.get_secret_value())
    finally:
        await database.close()


def added_demo(settings: Settings, data: Path, url: str) -> tuple[bool, str]:
    """Seed the demo; whether it is there, and a line with its people and their password, or why it is not."""
    password = settings.demo_password.get_secret_value()
    password = password or read_or_create(data / "demo-password", secrets.token_urlsafe(9))
    try:
        asyncio.run(seed_demo(url, SecretStr(password)))
    except RealPeople:
        return False, REFUSED
    return True, f"Demo people: {', '.join(person for person, *_ in PEOPLE)}. Password: {password}"


async def setup_page(url: str, base_url: str, secret_keys: str) -> str:
    """A line with the address of the setup page; empty once there is a tenant."""
    database = Database(url, 2)
    try:
        if await is_set_up(database):
            return ""
    finally:
        await database.close()
    key = SetupKeys(Settings(secret_keys=secret_keys).keys()).new()
    return f"Set it up at {base_url}/setup?key={key}"
