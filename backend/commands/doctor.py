"""Checks of an installation, part by part, with messages that say what to do."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

import asyncpg
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.exc import ArgumentError, ProgrammingError

from backend.cases.core.errors import CaseError
from backend.cases.outbox.outbox import outbox_status
from backend.cases.people.setup import is_set_up
from backend.commands.frontend import STAMP
from backend.database.engine import Database
from backend.database.errors import DatabaseAway
from backend.database.migrate import alembic_config
from backend.embedded.ports import accepts_connections
from backend.processes import domains
from backend.settings import Settings
from backend.temporal.client import connect
from backend.temporal.codec import BadKeyRing, KeyRing
from backend.temporal.executions import pollers, temporal_answers
from backend.workflows.core.task_queues import activity_queue, workflow_queue

MIN_KEY_LENGTH = 32
MAX_CLOCK_SKEW_SECONDS = 2.0
_BYPASS = text("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
_OWNED = text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tableowner = current_user")


@dataclass(frozen=True)
class Finding:
    """The result for one part of the installation: whether it is in order, and a sentence about it."""

    part: str
    ok: bool
    words: str


class CheckFailed(Exception):
    """What is wrong and how to fix it."""


Check = Callable[[Settings], Awaitable[str]]


async def examine(settings: Settings) -> list[Finding]:
    """Check every part; a failed check does not stop the others."""
    return [await _run(part, check, settings) for part, check in CHECKS.items()]


async def _run(part: str, check: Check, settings: Settings) -> Finding:
    try:
        return Finding(part, ok=True, words=await check(settings))
    except (CheckFailed, DatabaseAway, CaseError, BadKeyRing) as error:
        return Finding(part, ok=False, words=str(error))
    except ProgrammingError:
        return Finding(part, ok=False, words="the schema is missing; run `countersign migrate`.")
    except ArgumentError:
        return Finding(part, ok=False, words="DATABASE_URL is not a valid URL.")
    except (asyncpg.PostgresError, RuntimeError, OSError) as error:
        return Finding(part, ok=False, words=f"is not responding ({type(error).__name__}).")


async def _keys(settings: Settings) -> str:
    signing = settings.keys()
    if not signing:
        raise CheckFailed("SECRET_KEYS is empty, so sessions and forms cannot be signed.")
    if any(len(key) < MIN_KEY_LENGTH for key in signing):
        raise CheckFailed(f"A key in SECRET_KEYS is shorter than {MIN_KEY_LENGTH} characters.")
    KeyRing.parse(settings.payload_keys)
    return "signing and payload keys are valid."


async def _data_folder(settings: Settings) -> str:
    folder = settings.data_dir if settings.data_dir.exists() else settings.data_dir.absolute().parent
    if not os.access(folder, os.W_OK):
        raise CheckFailed(f"{folder} is not writable.")
    return "is writable."


async def _front_end(_: Settings) -> str:
    if not await asyncio.to_thread(STAMP.exists):
        raise CheckFailed("third-party scripts and styles are not installed; run `make setup`.")
    return "third-party scripts and styles are installed."


def _require(settings: Settings, name: str) -> None:
    """CheckFailed unless this setting is set."""
    if not getattr(settings, name):
        raise CheckFailed(f"{name.upper()} is not set, and `countersign up` is not running on this data folder.")


async def _tenant(settings: Settings) -> str:
    _require(settings, "database_url")
    database = Database(settings.database_url, 1)
    try:
        if not await is_set_up(database):
            raise CheckFailed(
                "there is none yet; open the setup page that `countersign up` prints, or run `countersign setup`."
            )
    finally:
        await database.close()
    return "is set up."


async def _database(settings: Settings) -> str:
    _require(settings, "database_url")
    database = Database(settings.database_url, 1)
    try:
        async with database.across_tenants() as session:
            local_time, database_time = datetime.now(UTC), await session.scalar(text("SELECT clock_timestamp()"))
            found = await session.scalar(text("SELECT version_num FROM alembic_version"))
            bypasses, owned = await session.scalar(_BYPASS), await session.scalar(_OWNED)
    finally:
        await database.close()
    required = ScriptDirectory.from_config(alembic_config(settings.database_url)).get_current_head()
    if found != required:
        raise CheckFailed(
            f"the schema is at version {found}, but this code needs {required}; run `countersign migrate`."
        )
    if bypasses or owned:
        raise CheckFailed(
            "the role of DATABASE_URL owns tables or bypasses row-level security; use a role that does neither."
        )
    skew = abs((database_time - local_time).total_seconds()) if database_time else 0.0
    if skew > MAX_CLOCK_SKEW_SECONDS:
        raise CheckFailed(
            f"its clock differs from this machine's by {skew:.1f} s; deadlines are checked by the database's clock."
        )
    return "is responding; the schema is up to date, and the app's role owns no tables."


async def _temporal(settings: Settings) -> str:
    _require(settings, "temporal_address")
    client = await connect(settings, lazy=True)
    if not await temporal_answers(client):
        raise CheckFailed(f"namespace {settings.temporal_namespace} at {settings.temporal_address} is not responding.")
    return "is responding."


async def _workers(settings: Settings) -> str:
    _require(settings, "temporal_address")
    client = await connect(settings, lazy=True)
    queues = {workflow_queue(domain): "workflow" for domain in domains("workflow")}
    queues |= {activity_queue(domain): "activity" for domain in domains("activity")}
    idle = [queue for queue, kind in queues.items() if not await pollers(client, queue, kind)]
    if idle:
        raise CheckFailed(f"no worker polls {', '.join(idle)}; start `countersign worker`.")
    return "every task queue has a worker."


async def _broker(settings: Settings) -> str:
    if not settings.broker_url:
        return "is not configured."
    url = urlsplit(settings.broker_url)
    if not accepts_connections(url.port or 4222, url.hostname or "localhost"):
        raise CheckFailed(f"{url.hostname}:{url.port} is not responding.")
    return "is responding."


async def _outbox(settings: Settings) -> str:
    _require(settings, "database_url")
    database = Database(settings.database_url, 1)
    try:
        found = await outbox_status(database)
    finally:
        await database.close()
    if found.failed:
        raise CheckFailed(f"{found.failed} messages failed permanently; see `countersign dead-letters list`.")
    if not found.ok:
        raise CheckFailed(
            f"a message has been waiting for {found.oldest_waiting_seconds:.0f} s; is `countersign relay` running?"
        )
    return f"{found.waiting} waiting, none failed."


CHECKS: dict[str, Check] = {
    "keys": _keys,
    "data folder": _data_folder,
    "front end": _front_end,
    "database": _database,
    "tenant": _tenant,
    "Temporal": _temporal,
    "workers": _workers,
    "broker": _broker,
    "outbox": _outbox,
}
