"""Read the audit log, filtered by person, action, subject and day, or export all of it."""

import asyncio
import csv
import io
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.audit.anchors import Anchors, Head
from backend.cases.core.actor import Actor, names_of
from backend.database.engine import Database
from backend.database.pages import BadCursor, Page, page_of, read_cursor
from backend.database.tables import AuditRow
from backend.kit.spreadsheets import BOM, no_formula
from backend.kit.text import single_line

FORMAT = "countersign-audit/1"
OWN = ("at", "action", "actor", "subject")
OVERRIDE = "override"
BULK = "approval.bulk"
ABOUT_CASES = ("approval.", "case.", "delivery.")  # actions whose subject is a reference
IN_SUMMARY = ("choice", "verdict", "status", "outcome", "version", "channel", "source")
COLUMNS = ("seq", "previous", "hash", "at", "action", "actor", "subject", "body")
# Rows are from between these days, so a day outside of them excludes nothing.
FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(9999, 1, 1)
_BODY = AuditRow.body.cast(JSONB)

# From one action to the next in the index, instead of over every row.
_ACTIONS = text("""
    WITH RECURSIVE found AS (
        (SELECT body::jsonb ->> 'action' AS action FROM audit WHERE tenant_id = :tenant
         ORDER BY 1 LIMIT 1)
        UNION ALL
        SELECT (SELECT body::jsonb ->> 'action' FROM audit
                WHERE tenant_id = :tenant AND body::jsonb ->> 'action' > found.action ORDER BY 1 LIMIT 1)
        FROM found WHERE found.action IS NOT NULL
    )
    SELECT action FROM found WHERE action IS NOT NULL
""")


class ExportFormat(StrEnum):
    """The format of an exported log."""

    JSONL = "jsonl"
    CSV = "csv"


@dataclass(frozen=True)
class AuditFilter:
    """What to show; empty fields do not filter. Days are those of the tenant's clocks, both included."""

    actor: str = ""
    action: str = ""
    subject: str = ""
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class AuditLine:
    """One row as people read it."""

    seq: int
    at: datetime
    action: str
    actor: str
    name: str
    subject: str
    hash: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def about_case(self) -> bool:
        """Whether the subject is the reference of a case; an email may belong to none."""
        return self.action.startswith(ABOUT_CASES) and not self.in_bulk and "-" in self.subject

    @property
    def in_bulk(self) -> bool:
        """Whether the subject is a job that decided several approvals at once."""
        return self.action == BULK

    @property
    def act(self) -> str:
        """What was done, told apart further than by the action: an override, or which action of a case."""
        if self.facts.get("kind") == OVERRIDE:
            return f"{self.action}: override"
        return f"{self.action}: {self.facts['did']}" if self.facts.get("did") else self.action

    @property
    def summary(self) -> str:
        """The facts that matter most: “choice approve; version 1”."""
        return "; ".join(f"{key} {self.facts[key]}" for key in IN_SUMMARY if self.facts.get(key) is not None)


async def read_trail(
    session: AsyncSession, actor: Actor, only: AuditFilter, after: str = "", limit: int = 50
) -> Page[AuditLine]:
    """One page, newest first. BadCursor if `after` is not ours."""
    statement = select(AuditRow).where(AuditRow.tenant_id == actor.tenant)
    for key, wanted in (("actor", only.actor), ("action", only.action), ("subject", only.subject)):
        if single_line(wanted):
            statement = statement.where(_BODY[key].astext == single_line(wanted))
    zone = ZoneInfo(actor.time_zone)
    if only.since and only.since > FIRST_DAY:
        statement = statement.where(_BODY["at"].astext >= _begin(only.since, zone))
    if only.until and only.until < LAST_DAY:
        statement = statement.where(_BODY["at"].astext < _begin(only.until + timedelta(days=1), zone))
    if after:
        place = read_cursor(after, 1)[0]
        if not place.isdecimal() or len(place) > len(str(2**62)):
            raise BadCursor(after)
        statement = statement.where(AuditRow.seq < int(place))
    rows = list(await session.scalars(statement.order_by(AuditRow.seq.desc()).limit(limit + 1)))
    page = page_of(rows, limit, lambda row: (row.seq,))
    bodies = [json.loads(row.body) for row in page.items]
    names = await names_of(session, {str(body["actor"]) for body in bodies})
    return Page([_line(row, body, names) for row, body in zip(page.items, bodies, strict=True)], page.next)


def _begin(day: date, zone: ZoneInfo) -> str:
    """The beginning of a day as bodies spell it, in UTC; such texts sort by time."""
    return datetime.combine(day, time(), zone).astimezone(UTC).isoformat()


def _line(row: AuditRow, body: dict[str, Any], names: dict[str, str]) -> AuditLine:
    actor = str(body["actor"])
    return AuditLine(
        seq=row.seq,
        at=datetime.fromisoformat(body["at"]),
        action=str(body["action"]),
        actor=actor,
        name=names.get(actor, actor),
        subject=str(body["subject"]),
        hash=row.hash,
        facts={key: value for key, value in body.items() if key not in (*OWN, "tenant")},
    )


async def known_actions(session: AsyncSession, tenant: str) -> list[str]:
    """Every action that occurs in the log."""
    return list(await session.scalars(_ACTIONS, {"tenant": tenant}))


async def export(
    database: Database, tenant: str, kind: ExportFormat, anchors: Anchors | None = None
) -> AsyncIterator[str]:
    """The whole log of a tenant, from its first row, as docs/audit-format.md describes it; its head is anchored."""
    count, head = 0, ""
    async with database.transaction(tenant) as session:
        now = await session.scalar(select(func.clock_timestamp()))
        yield _first(tenant, now, kind)
        statement = select(AuditRow).where(AuditRow.tenant_id == tenant).order_by(AuditRow.seq)
        rows = await session.stream_scalars(statement.execution_options(yield_per=1000))
        async for row in rows:
            count, head = row.seq, row.hash
            yield _written(row, kind)
    end: dict[str, Any] = {"end": True, "rows": count, "head": head}
    if anchors and count:
        await asyncio.to_thread(anchors.add, {tenant: Head(rows=count, hash=head)})
        end["signature"] = anchors.signature(tenant, Head(rows=count, hash=head))
    if kind is ExportFormat.JSONL:
        yield json.dumps(end) + "\n"


def _first(tenant: str, now: datetime, kind: ExportFormat) -> str:
    if kind is ExportFormat.CSV:
        return BOM + ",".join(COLUMNS) + "\r\n"
    return json.dumps({"format": FORMAT, "tenant": tenant, "exported_at": now.astimezone(UTC).isoformat()}) + "\n"


def _written(row: AuditRow, kind: ExportFormat) -> str:
    proof = {"seq": row.seq, "previous": row.previous, "hash": row.hash}
    if kind is ExportFormat.JSONL:
        return json.dumps({**proof, "body": row.body}) + "\n"
    body = json.loads(row.body)
    line = io.StringIO()
    shown = {key: no_formula(str(body.get(key, ""))) for key in OWN}
    csv.DictWriter(line, COLUMNS).writerow({**proof, **shown, "body": row.body})
    return line.getvalue()
