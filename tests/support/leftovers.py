"""Data that retention removes, and data of the same age that it must keep."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from obstore.store import ObjectStore
from sqlalchemy import func, select, text
from sqlmodel import SQLModel

from backend.cases.outbox.outbox import Message
from backend.database.engine import Database
from backend.database.ids import new_id
from backend.database.tables import Case, Draft, File, OutboxRow, Session

TENANT = "default"


async def put(database: Database, *rows: SQLModel) -> None:
    """Insert these rows."""
    async with database.across_tenants() as session:
        session.add_all(rows)


async def count(database: Database, table: type[SQLModel], tenant: str = TENANT) -> int:
    """How many rows a tenant has."""
    async with database.transaction(tenant) as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


def ago(age: timedelta) -> datetime:
    """The moment this long before now."""
    return datetime.now(UTC) - age


def session(name: str, age: timedelta) -> Session:
    """A session that ended this long ago."""
    return Session(id=name, tenant_id=TENANT, person_id="ann", csrf="", expires_at=ago(age))


def draft(age: timedelta, *files: UUID) -> Draft:
    """A draft unchanged for this long, with files."""
    fields = [["title", "Desks"], *(["attachments", str(each)] for each in files)]
    process = "purchase_approval"
    return Draft(tenant_id=TENANT, person_id="ann", process=process, fields=fields, saved_at=ago(age))


async def file(database: Database, store: ObjectStore, age: timedelta, case: Case | None = None) -> UUID:
    """A file uploaded this long ago, with its content; of a case, or of none."""
    kept = {"tenant_id": TENANT, "name": "offer.pdf", "media_type": "application/pdf", "size": 3, "sha256": ""}
    row = File(id=new_id(), case_id=case.id if case else None, uploaded_by="ann", at=ago(age), **kept)
    await store.put_async(f"{TENANT}/{row.id}", b"abc")
    await put(database, row)
    return row.id


def sent(case: Case, age: timedelta, **changes: Any) -> OutboxRow:
    """An outbox message delivered this long ago."""
    row = {"tenant_id": TENANT, "case_id": case.id, "kind": Message.DECIDE, "workflow_id": "", "payload": {}}
    return OutboxRow(**{**row, "state": "sent", "sent_at": ago(age), **changes})


async def paths(store: ObjectStore) -> set[str]:
    """The names of the files that are stored."""
    return {each["path"].rsplit("/", 1)[-1] async for chunk in store.list(f"{TENANT}/") for each in chunk}


async def untouchable(database: Database) -> dict[str, int]:
    """Row counts of the tables that a cleanup must never touch."""
    tables = ("audit", "cases", "case_versions", "approvals", "votes", "candidates", "journal", "comments")
    async with database.across_tenants() as session:
        return {table: await session.scalar(text(f"SELECT count(*) FROM {table}")) for table in tables}  # noqa: S608


def make_old(folder: Path, *but: UUID) -> None:
    """Make all stored files below a folder old, except these."""
    for path in folder.rglob("*"):
        if path.name not in {str(each) for each in but}:
            os.utime(path, (0, 0))
