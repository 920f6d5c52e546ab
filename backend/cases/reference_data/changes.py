"""Read, save, remove and import the rows of a list. Each change is an entry of the audit log."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel

from backend.cases.audit.record import record_fact
from backend.cases.core.actor import Actor
from backend.cases.core.errors import CaseError, InvalidInput, NotFound
from backend.cases.reference_data.lists import ReferenceList
from backend.database.engine import Database
from backend.database.inserts import insert_new
from backend.database.patterns import holds
from backend.kit.i18n import N_

MOST_SHOWN = 500


class RowChanged(CaseError):
    """Somebody else changed this entry meanwhile. Check it and save again."""

    code = "row_changed"


@dataclass(frozen=True)
class Row:
    """One entry: its key, its fields as they are and as JSON, what processes have reserved of it, and its version."""

    key: str
    cells: dict[str, Any]
    values: dict[str, Any]
    reserved: Any
    version: str


@dataclass(frozen=True)
class Imported:
    """How many entries an import added, changed, and left as they were."""

    added: int
    changed: int
    unchanged: int


async def read_rows(
    session: AsyncSession, of: ReferenceList, q: str = "", most: int = MOST_SHOWN
) -> tuple[list[Row], int]:
    """The first entries that contain `q`, by key; and how many there are."""
    table: Any = of.table
    statement = select(table)
    if q:
        statement = statement.where(or_(*(holds(getattr(table, name), q) for name in of.fields)))
    count = (await session.scalars(select(func.count()).select_from(statement.subquery()))).one()
    rows = await session.scalars(statement.order_by(getattr(table, of.key)).limit(most))
    return [_row(of, each) for each in rows], count


async def read_row(session: AsyncSession, of: ReferenceList, tenant: str, key: str) -> Row:
    """The entry with this key. NotFound if there is none."""
    return _row(of, await _get(session, of, tenant, key))


async def save_row(
    database: Database, of: ReferenceList, form: BaseModel, *, by: Actor, key: str = "", version: str = ""
) -> None:
    """Add an entry, or change the one with this key. InvalidInput; RowChanged if it has another version; NotFound."""
    values = of.stored(form)
    async with database.transaction(by.tenant) as session:
        if not key:
            if not await _add(session, of, values, by):
                raise InvalidInput({of.key: N_("There is an entry {key} already.").format(key=values[of.key])})
            return
        row = await _get(session, of, by.tenant, key, lock=True)
        if _row(of, row).version != version:
            raise RowChanged
        if problems := of.refusals(row, form):
            raise InvalidInput(problems)
        await _change(session, of, row, values | {of.key: key}, by)


async def remove_row(database: Database, of: ReferenceList, key: str, *, by: Actor) -> None:
    """Remove an entry. InvalidInput while processes have reserved some of it; NotFound if there is none."""
    async with database.transaction(by.tenant) as session:
        row = await _get(session, of, by.tenant, key, lock=True)
        if problems := of.refusals(row, None):
            raise InvalidInput(problems)
        await session.delete(row)
        await _record(session, of, key, by, before=of.shown(row), after=None)


async def import_rows(database: Database, of: ReferenceList, forms: Sequence[BaseModel], *, by: Actor) -> Imported:
    """Add or change all of these entries, or none. InvalidInput by field, each with its place among the forms."""
    added = changed = 0
    problems: dict[str, str] = {}
    rows = [(of.stored(form), place, form) for place, form in enumerate(forms)]
    async with database.transaction(by.tenant) as session:
        # In the order of their keys, so that two imports at once never wait for each other.
        for values, place, form in sorted(rows, key=lambda row: str(row[0][of.key])):
            if await _add(session, of, values, by):
                added += 1
                continue
            row = await _get(session, of, by.tenant, values[of.key], lock=True)
            if refused := of.refusals(row, form):
                problems |= {f"{place}.{name}": text for name, text in refused.items()}
            else:
                changed += await _change(session, of, row, values, by)
        if problems:
            raise InvalidInput(dict(sorted(problems.items(), key=_place)))
    return Imported(added, changed, len(forms) - added - changed)


def _place(problem: tuple[str, str]) -> int:
    return int(problem[0].partition(".")[0])


async def _add(session: AsyncSession, of: ReferenceList, values: dict[str, Any], by: Actor) -> bool:
    """Whether there was no such entry."""
    if not await insert_new(session, of.table, tenant_id=by.tenant, **values):
        return False
    after = of.shown(of.table(tenant_id=by.tenant, **values))
    await _record(session, of, values[of.key], by, before=None, after=after)
    return True


async def _change(session: AsyncSession, of: ReferenceList, row: SQLModel, values: dict[str, Any], by: Actor) -> bool:
    """Whether anything is different now."""
    before = of.shown(row)
    for name, value in values.items():
        setattr(row, name, value)
    after = of.shown(row)
    if after == before:
        return False
    await session.flush()
    await _record(session, of, values[of.key], by, before=before, after=after)
    return True


async def _record(session: AsyncSession, of: ReferenceList, key: str, by: Actor, **facts: Any) -> None:
    await record_fact(session, by.tenant, "reference_data.change", by.person_id, subject_of(of, key), **facts)


def subject_of(of: ReferenceList, key: str) -> str:
    """What the audit log calls an entry."""
    return f"{of.id}/{key}"


async def _get(session: AsyncSession, of: ReferenceList, tenant: str, key: str, *, lock: bool = False) -> SQLModel:
    row = await session.get(of.table, (tenant, key), with_for_update=lock or None)
    if row is None:
        raise NotFound(N_("There is no entry {key}.").format(key=key[:40]))
    return row


def _row(of: ReferenceList, row: SQLModel) -> Row:
    values = of.shown(row)
    version = hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:16]
    cells = {name: getattr(row, name) for name in of.fields}
    return Row(cells[of.key], cells, values, getattr(row, of.reserved) if of.reserved else None, version)
