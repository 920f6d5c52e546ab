"""The inbox: open approvals that a person may answer, soonest due first, in one query that the counter shares."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.actor import Actor
from backend.database.pages import COUNT_UP_TO, BadCursor, Page, cursor, read_cursor


class Tab(StrEnum):
    """Which part of the inbox."""

    MINE = "mine"
    GROUPS = "groups"
    DONE = "done"


@dataclass(frozen=True)
class InboxItem:
    """One approval in a list, with its business columns."""

    id: UUID
    step: str
    label: str
    question: str
    state: str
    due_at: datetime
    asked_at: datetime
    decided_at: datetime | None
    reference: str
    process: str
    title: str
    amount: Decimal | None
    currency: str | None
    requester: str
    version: int
    claimed_by: str | None = None
    claimed_name: str | None = None

    @property
    def overdue(self) -> bool:
        """Whether it should have been answered by now."""
        return self.state == "open" and self.due_at < datetime.now(self.due_at.tzinfo)


_COLUMNS = """
    a.id, a.step, a.label, a.question, a.state, a.due_at, a.asked_at, a.decided_at, c.reference, c.process, c.title,
    c.amount, c.currency, p.name AS requester, c.version, a.claimed_by, w.name AS claimed_name
    FROM approvals a JOIN cases c ON c.id = a.case_id JOIN people p ON p.id = c.opened_by
    LEFT JOIN people w ON w.id = a.claimed_by
"""

# Per principal the index gives the next rows in order; four eyes and former answers are left out right here, so that
# list and counter are the same by construction.
_WAITING = """
    SELECT DISTINCT k.approval_id, k.due_at
    FROM unnest(cast(:principals AS text[])) AS mine(principal)
    CROSS JOIN LATERAL (
        SELECT k.approval_id, k.due_at FROM candidates k
        WHERE k.tenant_id = :tenant AND k.principal = mine.principal AND k.open
          AND (k.due_at, k.approval_id) > (cast(:due_at AS timestamptz), cast(:id AS uuid))
          AND NOT EXISTS (SELECT 1 FROM votes v WHERE v.approval_id = k.approval_id AND v.person_id = :me)
          AND NOT EXISTS (SELECT 1 FROM approvals x JOIN case_versions e ON e.case_id = x.case_id
                          WHERE x.id = k.approval_id AND e.edited_by = :me
                            AND e.corrected_in IS DISTINCT FROM k.approval_id)
          AND NOT EXISTS (SELECT 1 FROM candidates g WHERE g.approval_id = k.approval_id AND g.role = 'gone'
                          AND g.principal = 'person:' || cast(:me AS text))
        ORDER BY k.due_at, k.approval_id LIMIT :many
    ) k
    ORDER BY k.due_at, k.approval_id LIMIT :many
"""
_LIST = text(f"SELECT {_COLUMNS} JOIN ({_WAITING}) k ON k.approval_id = a.id ORDER BY k.due_at, k.approval_id")
_COUNT = text(f"SELECT count(*) FROM ({_WAITING}) w")  # noqa: S608 - a constant
_DONE = text(f"""
    SELECT {_COLUMNS.replace("a.decided_at", "v.at AS decided_at")}
    JOIN votes v ON v.approval_id = a.id AND v.person_id = :me
    WHERE (v.at, a.id) < (cast(:due_at AS timestamptz), cast(:id AS uuid))
    ORDER BY v.at DESC, a.id DESC LIMIT :many
""")
FIRST = ("-infinity", "00000000-0000-0000-0000-000000000000")
LAST = ("infinity", "ffffffff-ffff-ffff-ffff-ffffffffffff")


def _principals(actor: Actor, tab: Tab) -> list[str]:
    """«Mine» is all that waits for me, «groups» only what somebody else could take as well."""
    if tab is Tab.GROUPS:
        return [principal for principal in actor.principals if principal.startswith("group:")]
    return actor.principals


async def inbox(
    session: AsyncSession, actor: Actor, tab: Tab = Tab.MINE, after: str = "", limit: int = 50
) -> Page[InboxItem]:
    """One page of the inbox. BadCursor if `after` is not ours."""
    due_at, approval_id = read_cursor(after, 2) if after else (LAST if tab is Tab.DONE else FIRST)
    given = {
        "tenant": actor.tenant,
        "me": actor.person_id,
        "due_at": _moment(due_at),
        "id": _uuid(approval_id),
        "many": limit + 1,
    }
    if tab is not Tab.DONE:
        given["principals"] = _principals(actor, tab)
    rows = (await session.execute(_DONE if tab is Tab.DONE else _LIST, given)).mappings().all()
    items = [InboxItem(**row) for row in rows]
    last = items[limit - 1] if len(items) > limit else None
    place = (last.decided_at or last.due_at) if last and tab is Tab.DONE else (last.due_at if last else None)
    return Page(items[:limit], cursor(place.isoformat(), last.id) if last and place else None)


async def waiting_count(session: AsyncSession, actor: Actor, tab: Tab = Tab.MINE) -> int:
    """How many wait, up to 1,000."""
    given = {
        "principals": _principals(actor, tab),
        "tenant": actor.tenant,
        "me": actor.person_id,
        "due_at": _moment(FIRST[0]),
        "id": _uuid(FIRST[1]),
        "many": COUNT_UP_TO,
    }
    return await session.scalar(_COUNT, given) or 0


def _moment(value: str) -> datetime:
    """A moment; asyncpg takes the ends of time for infinity."""
    if value == FIRST[0]:
        return datetime.min  # noqa: DTZ901 - PostgreSQL's -infinity
    if value == LAST[0]:
        return datetime.max  # noqa: DTZ901 - PostgreSQL's infinity
    try:
        return datetime.fromisoformat(value)
    except ValueError as error:
        raise BadCursor(value) from error


def _uuid(value: str) -> UUID:
    try:
        return UUID(value)
    except ValueError as error:
        raise BadCursor(value) from error
