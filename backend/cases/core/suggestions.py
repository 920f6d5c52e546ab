"""What was typed into a field of earlier requests, offered for the next one."""

from sqlalchemy import func, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.core.actor import Actor
from backend.database.tables import Case
from backend.kit.forms import describe
from backend.kit.process import Process

REQUESTS = 200
MOST = 30


async def suggestions_for(session: AsyncSession, person: Actor, process: Process) -> dict[str, list[str]]:
    """For each field of this form that suggests: what the newest requests hold, each once, in alphabetical order.

    From their own requests; from everybody's in their tenant if they see all requests of this process by right.
    """
    names = [one.name for one in describe(process.input).fields if one.marker.suggests]
    if not names:
        return {}
    rights = process.rights
    sees_all = person.groups & (rights.see | rights.operators)
    whose = true() if sees_all else Case.opened_by == person.person_id
    typed = [func.jsonb_extract_path_text(Case.input, name) for name in names]
    newest = select(*typed).where(Case.tenant_id == person.tenant, Case.process == process.key, whose)
    rows = await session.execute(newest.order_by(Case.opened_at.desc()).limit(REQUESTS))
    columns = zip(*rows.all(), strict=True)
    found = {name: dict.fromkeys(filter(None, column)) for name, column in zip(names, columns, strict=False)}
    return {name: sorted(list(values)[:MOST], key=str.casefold) for name, values in found.items()}
