"""How much a job has done so far, counted in the transactions that do it: no retry counts twice, no kill forgets."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_ADD = text("""
    INSERT INTO effects (tenant_id, key, kind, request, result)
    VALUES (:tenant, :key, 'tally', '{}', jsonb_build_object('count', cast(:more AS bigint)))
    ON CONFLICT (tenant_id, key) DO UPDATE
    SET result = jsonb_build_object('count', (effects.result ->> 'count')::bigint + cast(:more AS bigint))
    RETURNING (result ->> 'count')::bigint
""")


async def increment(session: AsyncSession, tenant: str, key: str, more: int) -> int:
    """Count so many more; how many there are now. The key is `{reference}:{step}`."""
    return int(await session.scalar(_ADD, {"tenant": tenant, "key": key, "more": more}) or 0)
