"""Journal lines, outbox messages and audit facts are written in one statement, exactly as given, each line once."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from backend.cases.audit.record import body_of
from backend.cases.core.records import CaseRecords, JournalLine, OutboxMessage, bound_to, write_records
from backend.database.engine import Database
from backend.database.errors import UnstorableText
from backend.database.tables import AuditRow, JournalEntry, OutboxRow
from backend.kit.case import Recall
from tests.support.outbox import a_case
from tests.support.transactions import statements_of

HARD = 'a"b\\u0041\\n, «ü» \U0001f600\r\n\u2028 :name {x} %s'
NOW = datetime.now(UTC)
SECOND = body_of("test.second", "ann", "PUR-1")


async def test_records_of_several_cases_are_one_statement_and_keep_their_order(database: Database) -> None:
    cases = [await a_case(database) for _ in range(2)]
    body = body_of("test.done", "ann", "PUR-1", text=HARD)
    held = NOW + timedelta(hours=1)
    records = [
        CaseRecords.of(
            case,
            [JournalLine(key=key, kind="note", sentence=HARD, actor="ann", quote=key) for key in ("one", "two", "one")],
            [OutboxMessage("recall", Recall(by="ann", at=NOW)), OutboxMessage("turn", not_before=held)],
            [body, SECOND],
        )
        for case in cases
    ]
    async with database.transaction("default") as session:
        with statements_of(database) as executed:
            ids = await write_records(session, *records)
    assert len(executed) == 1
    async with database.transaction("default") as session:
        lines = list(await session.scalars(select(JournalEntry).where(JournalEntry.kind == "note")))
        rows = [await session.get_one(OutboxRow, key) for key in ids]
        bodies = list(await session.scalars(select(AuditRow.body).order_by(AuditRow.seq)))
    assert sorted((line.case_id, line.key, line.sentence, line.actor, line.quote) for line in lines) == sorted(
        (case.id, key, HARD, "ann", key) for case in cases for key in ("one", "two")
    )
    assert [(row.case_id, row.kind) for row in rows] == [
        (case.id, kind) for case in cases for kind in ("recall", "turn")
    ]
    assert rows[0].payload == Recall(by="ann", at=NOW).model_dump(mode="json")
    assert (rows[1].payload, rows[1].due_at, rows[0].due_at < held) == ({}, held, True)
    assert bodies[2:] == [bound_to("default", each) for each in (body, SECOND, body, SECOND)]
    assert json.loads(bodies[2]) == json.loads(body) | {"tenant": "default"}


async def test_a_fact_needs_no_case_and_nothing_needs_no_statement(database: Database) -> None:
    async with database.transaction("default") as session:
        await write_records(session, CaseRecords(tenant="default", facts=[SECOND]))
        with statements_of(database) as executed:
            assert await write_records(session) == []
            assert await write_records(session, CaseRecords(tenant="default")) == []
    assert executed == []
    async with database.transaction("default") as session:
        assert list(await session.scalars(select(AuditRow.body))) == [bound_to("default", SECOND)]


async def test_text_that_cannot_be_stored_is_refused_as_such(database: Database) -> None:
    case = await a_case(database)
    line = JournalLine(key="k", kind="note", sentence="nul \x00")
    with pytest.raises(UnstorableText):
        async with database.transaction("default") as session:
            await write_records(session, CaseRecords.of(case, [line]))
