"""A desk after years of use: many approvals, a share of them open, nearly all for one group."""

import asyncpg

# Rows as the desk itself would have written them; its triggers would take an hour to copy them one by one.
_LOAD = """
    SET session_replication_role = replica;
    INSERT INTO cases (id, tenant_id, process, reference, title, status, input, plan, version, amount, currency,
                       opened_by, source, key, digest, workflow_id, progress, opened_at)
    SELECT ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'default', 'purchase_approval',
           'OLD-' || n, 'Desks for house ' || n, CASE WHEN n % {every} = 0 THEN 'running' ELSE 'completed' END,
           jsonb_build_object('title', 'Desks for house ' || n, 'vendor', 'Vendor ' || n % 997, 'cost_centre',
                              (ARRAY['4200', '3100', '1000'])[n / 80 % 3 + 1],
                              'needed_by', '2099-01-01', 'currency', 'EUR',
                              'items', '[]'::jsonb, 'justification', repeat('Because. ', 20)),
           '{{}}', 1, n % 100000 + 0.5, 'EUR', (ARRAY['ann', 'edda', 'hugo', 'olga'])[n / 20 % 4 + 1], 'api',
           'old:' || n, '', 'old.' || n, '{{}}', now() - n % 1000 * interval '1 hour'
    FROM generate_series({first}, {last}) n;
    INSERT INTO case_versions (tenant_id, case_id, version, input, edited_by)
    SELECT tenant_id, id, 1, '{{}}', opened_by FROM cases WHERE {these};
    INSERT INTO approvals (id, tenant_id, case_id, step, round, label, question, state, policy, version, asked_at,
                           due_at, expires_at, decided_at, process, requester, cents, priority, fields)
    SELECT id, 'default', id, 'finance', 1, 'Finance', 'Buy?',
           CASE WHEN status = 'running' THEN 'open' ELSE 'approved' END, $${policy}$$::jsonb, 1, opened_at,
           opened_at + interval '40 days', opened_at + interval '900 days',
           CASE WHEN status <> 'running' THEN now() END, process, opened_by,
           (amount * 100)::bigint, 1 + (amount::int % 9 > 0)::int, fields_of(input)
    FROM cases WHERE {these};
    INSERT INTO candidates (tenant_id, approval_id, principal, due_at, open)
    SELECT 'default', id, CASE WHEN cents / 2000 % 5 = 0 THEN 'person:finn' ELSE 'group:finance' END, due_at,
           state = 'open'
    FROM approvals WHERE {these};
    INSERT INTO waiting (tenant_id, principal, approval_id, role, case_id, process, step, requester, cents, priority,
                         fields, asked_at, due_at)
    SELECT k.tenant_id, k.principal, a.id, k.role, a.case_id, a.process, a.step, a.requester, a.cents, a.priority,
           a.fields, a.asked_at, a.due_at
    FROM candidates k JOIN approvals a ON a.id = k.approval_id WHERE k.open AND {these_approvals};
    INSERT INTO votes (tenant_id, approval_id, person_id, decision, comment, version, digest, channel, at)
    SELECT 'default', id, CASE WHEN cents / 100 % 2 = 0 THEN 'finn' ELSE 'fay' END, 'approve', '', 1, '', 'page',
           asked_at + interval '1 hour'
    FROM approvals WHERE state = 'approved' AND {these};
    RESET session_replication_role;
"""
_TABLES = ("cases", "case_versions", "approvals", "candidates", "waiting", "votes")


def _id(number: int) -> str:
    return f"'00000000-0000-7000-8000-{number:012x}'"


async def load(database: "asyncpg.Connection[asyncpg.Record]", first: int, last: int, every: int, policy: str) -> None:
    """Insert a range of approvals, of which every n-th is open, and vacuum the tables."""
    these = f"id BETWEEN {_id(first)} AND {_id(last)}"
    await database.execute(
        _LOAD.format(first=first, last=last, every=every, policy=policy, these=these, these_approvals=f"a.{these}")
    )
    await database.execute(f"VACUUM (ANALYZE) {', '.join(_TABLES)}")
