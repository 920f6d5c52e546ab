"""Values that should be unique, such as an order number, and the cases that already have them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.core.access import visible_cases
from backend.cases.core.actor import Actor
from backend.database.patterns import folded
from backend.database.tables import Case
from backend.kit.forms import describe
from backend.kit.i18n import N_
from backend.kit.process import Process

WITHDRAWN = "recalled"
COMPARED = 10_000  # the newest cases of a process; comparing them takes PostgreSQL some tens of milliseconds


@dataclass(frozen=True)
class Duplicate:
    """A field whose value another case has: its name and label, and the reference of that case if it may be seen."""

    field: str
    label: str
    value: str
    reference: str

    @property
    def sentence(self) -> str:
        """What to check."""
        if not self.reference:
            return N_("Another case already has this value: “{text}”.").format(text=self.value)
        sentence = N_("{reference} already has this value: “{text}”.")
        return sentence.format(reference=self.reference, text=self.value)


async def duplicates(
    session: AsyncSession,
    actor: Actor,
    process: Process,
    content: Mapping[str, Any],
    without: UUID | None = None,
) -> list[Duplicate]:
    """Values in this content that another case of the process already has, unless that case was withdrawn."""
    found, seen = [], visible_cases(actor, {process.key: process})
    for one in describe(process.input).fields:
        value = content.get(one.name)
        if one.marker.once and isinstance(value, str) and value.strip():
            other = await _other(session, actor, process, one.name, value, without)
            if other is not None:
                reference = await session.scalar(select(Case.reference).where(Case.id == other, seen))
                found.append(Duplicate(one.name, one.label, value.strip(), reference or ""))
    return found


async def _other(
    session: AsyncSession, actor: Actor, process: Process, name: str, value: str, without: UUID | None
) -> UUID | None:
    """The newest other case with this value, among the `COMPARED` newest of the process."""
    mine = (Case.tenant_id == actor.tenant, Case.process == process.key, Case.id.is_distinct_from(without))
    counts = or_(Case.outcome.is_(None), Case.outcome != WITHDRAWN)
    columns = (Case.id, Case.opened_at, Case.input[name].astext.label("value"))
    newest = select(*columns).where(*mine, counts).order_by(Case.opened_at.desc(), Case.id.desc()).limit(COMPARED)
    newest = newest.subquery("newest")
    same = select(newest.c.id).where(folded(newest.c.value) == folded(value.strip()))
    other: UUID | None = await session.scalar(same.order_by(newest.c.opened_at.desc()).limit(1))
    return other
