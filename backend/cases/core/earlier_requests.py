"""Earlier requests with the same business partner, such as a vendor, and how they ended."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.core.access import visible_cases
from backend.cases.core.actor import Actor
from backend.database.patterns import folded
from backend.database.tables import Case
from backend.kit.forms import FieldShape, walk
from backend.kit.process import Process

SHOWN = 3
LOOKED_AT = 200  # of the newest requests before this one: a page reads them again whenever it refreshes


@dataclass(frozen=True)
class EarlierRequests:
    """The partner of a request, the label of the field that names it, and the newest ended cases, newest first."""

    label: str
    partner: str
    cases: list[Case]


async def earlier_requests(session: AsyncSession, actor: Actor, process: Process, case: Case) -> EarlierRequests | None:
    """What they may see of the same process that was opened before this case; None for a form without a partner."""
    named = _partner_of(process, case)
    if named is None:
        return None
    path, one, partner = named
    theirs = func.jsonb_extract_path_text(Case.input, *path.split("."))
    newest = (
        select(Case.id, Case.closed_at, folded(theirs).label("partner"))
        .where(Case.tenant_id == case.tenant_id, Case.process == case.process, Case.opened_at < case.opened_at)
        .order_by(Case.opened_at.desc(), Case.id.desc())
        .limit(LOOKED_AT)
        .subquery()
    )
    ended = (
        select(Case)
        .join(newest, newest.c.id == Case.id)
        .where(newest.c.partner == folded(partner), newest.c.closed_at.is_not(None))
        .where(visible_cases(actor, {process.key: process}))
        .order_by(Case.opened_at.desc(), Case.id.desc())
        .limit(SHOWN)
    )
    return EarlierRequests(one.label, partner, list(await session.scalars(ended)))


def _partner_of(process: Process, case: Case) -> tuple[str, FieldShape, str] | None:
    """The field of this form that names the partner: its path, its shape and its value."""
    for path, one, value in walk(process.input, case.input):
        if one.marker.partner and isinstance(value, str) and value.strip():
            return path, one, value.strip()
    return None
