"""Bring the schema up to date, and give the app's role what it may do and no more."""

from importlib.resources import files
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

ROOT = Path(str(files("backend"))).parent


def alembic_config(owner_url: str) -> Config:
    """Alembic's configuration for the owner's URL."""
    config = Config(str(ROOT / "alembic.ini"))
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.set_main_option("sqlalchemy.url", owner_url.replace("%", "%%"))
    return config


def migrate(owner_url: str, revision: str = "head") -> None:
    """Run the migrations up to a revision. Opens an event loop of its own."""
    command.upgrade(alembic_config(owner_url), revision)


async def let_app_in(owner_url: str, app_url: str) -> None:
    """Set the app role's password to the one in its URL."""
    password = make_url(app_url).password or ""
    engine = create_async_engine(owner_url, poolclass=NullPool)
    async with engine.begin() as connection:
        quoted = await connection.scalar(text("select quote_literal(:password)"), {"password": password})
        await connection.execute(text(f"ALTER ROLE countersign_app LOGIN PASSWORD {quoted}"))
    await engine.dispose()
