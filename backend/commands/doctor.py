"""What is wrong with this installation, one part after the other, in words that say what to do."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

import asyncpg
from alembic.script import ScriptDirectory
from sqlalchemy import text

from backend.cases.core.errors import CaseError
from backend.cases.outbox.outbox import outbox_status
from backend.commands.frontend import STAMP
from backend.database.engine import Database
from backend.database.errors import DatabaseAway
from backend.database.migrate import alembic_config
from backend.embedded.ports import answers
from backend.processes import domains
from backend.settings import Settings
from backend.temporal.client import connect
from backend.temporal.codec import BadKeyRing, KeyRing
from backend.temporal.executions import pollers, temporal_answers
from backend.workflows.core.task_queues import activity_queue, workflow_queue

SHORTEST_KEY = 32
LARGEST_SKEW_SECONDS = 2.0
_BYPASS = text("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
_OWNED = text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tableowner = current_user")


@dataclass(frozen=True)
class Finding:
    """One part of the installation: whether it is well, and a sentence about it."""

    part: str
    ok: bool
    words: str


class Unwell(Exception):
    """What is wrong and what to do about it."""


Check = Callable[[Settings], Awaitable[str]]


async def examine(settings: Settings) -> list[Finding]:
    """Every part, whether well or not; a part that is away does not keep the others from being looked at."""
    return [await _look(part, check, settings) for part, check in CHECKS.items()]


async def _look(part: str, check: Check, settings: Settings) -> Finding:
    try:
        return Finding(part, ok=True, words=await check(settings))
    except (Unwell, DatabaseAway, CaseError, BadKeyRing) as wrong:
        return Finding(part, ok=False, words=str(wrong))
    except (asyncpg.PostgresError, RuntimeError, OSError) as wrong:
        return Finding(part, ok=False, words=f"does not answer ({type(wrong).__name__}).")


async def _keys(settings: Settings) -> str:
    signing = settings.keys()
    if not signing:
        raise Unwell("SECRET_KEYS is empty; sessions and forms cannot be signed.")
    if any(len(key) < SHORTEST_KEY for key in signing):
        raise Unwell(f"A key of SECRET_KEYS has fewer than {SHORTEST_KEY} characters.")
    KeyRing.parse(settings.payload_keys)
    return "signing and payload keys can be used."


async def _data_folder(settings: Settings) -> str:
    folder = settings.data_dir if settings.data_dir.exists() else settings.data_dir.absolute().parent
    if not os.access(folder, os.W_OK):
        raise Unwell(f"{folder} cannot be written to.")
    return "can be written to."


async def _front_end(_: Settings) -> str:
    if not await asyncio.to_thread(STAMP.exists):
        raise Unwell("scripts and styles of others are not installed; run `make setup`.")
    return "scripts and styles are in place."


async def _database(settings: Settings) -> str:
    if not settings.database_url:
        raise Unwell("DATABASE_URL is not set, and no `countersign up` runs with this data folder.")
    database = Database(settings.database_url, 1)
    try:
        async with database.across_tenants() as session:
            here, there = datetime.now(UTC), await session.scalar(text("SELECT clock_timestamp()"))
            found = await session.scalar(text("SELECT version_num FROM alembic_version"))
            bypasses, owned = await session.scalar(_BYPASS), await session.scalar(_OWNED)
    finally:
        await database.close()
    wanted = ScriptDirectory.from_config(alembic_config(settings.database_url)).get_current_head()
    if found != wanted:
        raise Unwell(f"the schema is at {found}, this program needs {wanted}; run `countersign migrate`.")
    if bypasses or owned:
        raise Unwell("the role of DATABASE_URL owns tables or passes row-level security; use a role that does not.")
    skew = abs((there - here).total_seconds()) if there else 0.0
    if skew > LARGEST_SKEW_SECONDS:
        raise Unwell(f"its clock and ours are {skew:.1f} s apart; deadlines are judged by the database's clock.")
    return "answers, the schema is up to date, its role owns nothing."


async def _temporal(settings: Settings) -> str:
    if not settings.temporal_address:
        raise Unwell("TEMPORAL_ADDRESS is not set, and no `countersign up` runs with this data folder.")
    client = await connect(settings, lazy=True)
    if not await temporal_answers(client):
        raise Unwell(f"namespace {settings.temporal_namespace} at {settings.temporal_address} does not answer.")
    return "answers."


async def _workers(settings: Settings) -> str:
    client = await connect(settings, lazy=True)
    queues = {workflow_queue(domain): "workflow" for domain in domains("workflow")}
    queues |= {activity_queue(domain): "activity" for domain in domains("activity")}
    idle = [queue for queue, kind in queues.items() if not await pollers(client, queue, kind)]
    if idle:
        raise Unwell(f"nobody works on {', '.join(idle)}; start `countersign worker`.")
    return "every queue has one."


async def _broker(settings: Settings) -> str:
    if not settings.broker_url:
        return "none is configured."
    place = urlsplit(settings.broker_url)
    if not answers(place.port or 4222, place.hostname or "localhost"):
        raise Unwell(f"{place.hostname}:{place.port} does not answer.")
    return "answers."


async def _outbox(settings: Settings) -> str:
    database = Database(settings.database_url, 1)
    try:
        found = await outbox_status(database)
    finally:
        await database.close()
    if found.failed:
        raise Unwell(f"{found.failed} messages were set aside; see `countersign dead-letters list`.")
    if not found.ok:
        raise Unwell(f"a message waits for {found.oldest_waiting_seconds:.0f} s; does `countersign relay` run?")
    return f"{found.waiting} waiting, nothing set aside."


CHECKS: dict[str, Check] = {
    "keys": _keys,
    "data folder": _data_folder,
    "front end": _front_end,
    "database": _database,
    "Temporal": _temporal,
    "workers": _workers,
    "broker": _broker,
    "outbox": _outbox,
}
