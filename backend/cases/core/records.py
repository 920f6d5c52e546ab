"""What a transaction records of a case: journal lines, messages to its workflow, audit facts.

All of it is written in one statement, for one case or many. A statement that changes cases can write it along: it gives
a CTE `records` with the columns of `RECORDS`, then `WRITE_RECORDS`, and is still one round trip.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from backend.database.tables import Case

OUTBOX_CHANNEL = "countersign_outbox"

RECORDS = """
    records AS (
        SELECT * FROM jsonb_to_recordset(:records)
        AS r(tenant_id text, case_id uuid, workflow_id text, lines jsonb, messages jsonb, facts jsonb)
    )
"""
# A journal line whose key the case has already is left out: a repeated report is harmless.
# In a flow each message gets its turn a second after the one before it; all others have theirs now.
WRITE_RECORDS = """
    journal_lines AS (
        INSERT INTO journal (tenant_id, case_id, key, kind, actor, sentence, quote)
        SELECT r.tenant_id, r.case_id, l.key, l.kind, l.actor, l.sentence, l.quote
        FROM records r, jsonb_to_recordset(r.lines) l(key text, kind text, actor text, sentence text, quote text)
        ON CONFLICT DO NOTHING
    ), audit_facts AS (
        INSERT INTO facts (tenant_id, body)
        SELECT r.tenant_id, f.body FROM records r, jsonb_array_elements_text(r.facts) f(body)
    ), outbox_messages AS (
        INSERT INTO outbox (tenant_id, case_id, kind, workflow_id, payload, state, attempts, due_at, flow, turn_at)
        SELECT r.tenant_id, r.case_id, m.kind, r.workflow_id, m.payload, 'waiting', 0,
               coalesce(m.not_before, clock_timestamp()), m.flow,
               CASE m.flow WHEN '' THEN clock_timestamp() ELSE greatest(clock_timestamp(), (
                   SELECT max(o.turn_at) + interval '1 second' FROM outbox o
                   WHERE o.tenant_id = r.tenant_id AND o.flow = m.flow AND o.state = 'waiting'
               )) + interval '1 second' * (row_number() OVER in_flow - 1) END
        FROM records r, jsonb_to_recordset(r.messages) m(kind text, payload jsonb, not_before timestamptz, flow text)
        WINDOW in_flow AS (PARTITION BY r.tenant_id, m.flow ORDER BY r.case_id)
        RETURNING id
    )
"""
_WRITE = text(f"""
    WITH {RECORDS}, {WRITE_RECORDS}
    SELECT id, pg_notify(:channel, '') FROM outbox_messages ORDER BY id
""").bindparams(bindparam("records", type_=JSONB), bindparam("channel", OUTBOX_CHANNEL))  # noqa: S608 - our own text


class JournalLine(BaseModel):
    """One sentence of a case's journal. The key makes writing it twice harmless."""

    key: str
    kind: str
    sentence: str
    actor: str | None = None
    quote: str = ""


@dataclass(frozen=True)
class OutboxMessage:
    """What the relay passes on to a workflow, its kind and content; `not_before` holds it and what follows it back.

    Messages of a `flow` take turns with those of others.
    """

    kind: str
    payload: BaseModel | None = None
    not_before: datetime | None = None
    flow: str = ""

    def row(self) -> dict[str, Any]:
        """As it is written."""
        return {
            "kind": self.kind,
            "payload": self.payload.model_dump(mode="json") if self.payload else {},
            "not_before": self.not_before.isoformat() if self.not_before else None,
            "flow": self.flow,
        }


@dataclass(frozen=True, kw_only=True)
class CaseRecords:
    """What is recorded of one case; `facts` are bodies of the audit log. Without a case there are only facts."""

    tenant: str
    case_id: UUID | None = None
    workflow_id: str = ""
    lines: Sequence[JournalLine] = ()
    messages: Sequence[OutboxMessage] = ()
    facts: Sequence[str] = ()

    @classmethod
    def of(
        cls,
        case: Case,
        lines: Sequence[JournalLine] = (),
        messages: Sequence[OutboxMessage] = (),
        facts: Sequence[str] = (),
    ) -> "CaseRecords":
        """The records of this case."""
        return cls(
            tenant=case.tenant_id,
            case_id=case.id,
            workflow_id=case.workflow_id,
            lines=lines,
            messages=messages,
            facts=facts,
        )

    def row(self) -> dict[str, Any]:
        """As `RECORDS` reads it."""
        return {
            "tenant_id": self.tenant,
            "case_id": str(self.case_id) if self.case_id else None,
            "workflow_id": self.workflow_id,
            "lines": [line.model_dump(mode="json") for line in self.lines],
            "messages": [message.row() for message in self.messages],
            "facts": [bound_to(self.tenant, body) for body in self.facts],
        }


def bound_to(tenant: str, body: str) -> str:
    """The body of an audit row with its tenant: the row belongs to no other log."""
    return f'{body[:-1]}, "tenant": {json.dumps(tenant)}}}'


async def write_records(session: AsyncSession, *records: CaseRecords) -> list[int]:
    """Write all of it in one round trip and wake the relay at commit; the ids of the outbox's rows, in their order."""
    if not any(each.lines or each.messages or each.facts for each in records):
        return []
    return list(await session.scalars(_WRITE, {"records": [each.row() for each in records]}))
