"""Lists with a hundred rows, and with a hundred thousand."""

import asyncpg

from tests.benchmarks.desk import Desk, expect
from tests.benchmarks.load import Connection, burst
from tests.benchmarks.measures import OK, Finding

FEW, MANY = 100, 100_000
PAGES = {
    "inbox": "/approvals",
    "cases": "/cases",
    "cases, oldest first": "/cases?sort=opened",
    "cases of all": "/api/v1/cases?limit=50",
}
VISITS = 60

# Every case of ann has one approval that waits for mona.
_ROWS = """
WITH made AS (
    INSERT INTO cases (id, tenant_id, process, reference, title, status, input, plan, version, amount, currency,
                       opened_by, source, key, digest, workflow_id, progress, run_id)
    SELECT gen_random_uuid(), 'default', 'purchase_approval', 'BULK-' || n, 'Desks for house ' || n, 'running',
           $3::jsonb, '{}', 1, n, 'EUR', 'ann', 'api', 'bulk:' || n, '', 'bulk.' || n, $4::jsonb, 'none'
    FROM generate_series($1::int, $2::int) n RETURNING id, version
), asked AS (
    INSERT INTO approvals (id, tenant_id, case_id, step, round, label, question, state, policy, version, due_at,
                           expires_at)
    SELECT gen_random_uuid(), 'default', id, 'manager', 1, 'Manager', 'Buy?', 'open', $5::jsonb, version,
           now() + random() * interval '30 days', now() + interval '60 days' FROM made RETURNING id, due_at
)
INSERT INTO candidates (tenant_id, approval_id, principal, due_at, open)
SELECT 'default', id, 'person:mona', due_at, true FROM asked
"""


async def lists(desk: Desk) -> list[Finding]:
    """The 95th percentile of each page with many rows, relative to the same page with few."""
    async with desk.database() as database:
        few = await _visit(desk, database, 1, FEW)
        many = await _visit(desk, database, FEW + 1, MANY)
    return [
        Finding(
            f"{name} with {MANY:,} rows / with {FEW}", many[name] / few[name], 2.0, at_least=False,
            detail=f"{many[name] * 1000:.0f} ms, {few[name] * 1000:.0f} ms",
        )
        for name in PAGES
    ]  # fmt: skip


async def _visit(desk: Desk, database: "asyncpg.Connection[asyncpg.Record]", first: int, last: int) -> dict[str, float]:
    sample = await database.fetchrow("SELECT input, progress FROM cases WHERE reference LIKE 'PUR-%' LIMIT 1")
    policy = await database.fetchval("SELECT policy FROM approvals LIMIT 1")
    assert sample, "the sample case is missing"
    await database.execute(_ROWS, first, last, sample["input"], sample["progress"], policy)
    await database.execute("ANALYZE cases, approvals, candidates")
    found = {}
    for name, path in PAGES.items():
        headers = desk.running.sign_in("mona" if name == "inbox" else "ann")
        connection = Connection(desk.running.address, headers)

        async def visit(_: int, connection: Connection = connection, path: str = path) -> None:
            expect(await connection.ask("GET", path), OK)

        await burst(10, visit, at_once=1)
        found[name] = (await burst(VISITS, visit, at_once=1)).p95
        connection.close()
    return found
