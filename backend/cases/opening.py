"""Open a case: one transaction that writes it, tells its story and wakes the relay. Nobody waits for Temporal."""

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import Numeric, bindparam, select, text, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.access import require_start
from backend.cases.actor import Actor
from backend.cases.audit.facts import body_of
from backend.cases.delivery import outbox
from backend.cases.errors import KeyInProgress, KeyReused
from backend.cases.journal import JournalLine
from backend.database.ids import new_id
from backend.database.tables import Case, File
from backend.kit import case as kit
from backend.kit.naming import workflow_id
from backend.kit.process import Process
from backend.kit.progress import Progress
from backend.settings import process_plan

_WRITTEN = {
    "id", "tenant_id", "process", "reference", "title", "status", "input", "plan", "version", "amount", "currency",
    "priority", "opened_by", "source", "key", "digest", "workflow_id", "progress", "progress_at", "opened_at",
}  # fmt: skip
_NEXT = text("SELECT nextval('case_numbers'), clock_timestamp()")
# One statement, one round trip: the case, its first version, its story, the row for the relay, and the proof.
_OPEN = text("""
    WITH opened AS (
        INSERT INTO cases (id, tenant_id, process, reference, title, status, input, plan, version, amount, currency,
                           priority, opened_by, source, key, digest, workflow_id, progress, progress_at, opened_at)
        VALUES (:id, :tenant_id, :process, :reference, :title, :status, :input, :plan, :version, :amount, :currency,
                :priority, :opened_by, :source, :key, :digest, :workflow_id, :progress, :progress_at, :opened_at)
        ON CONFLICT ON CONSTRAINT one_case_a_submission DO NOTHING
        RETURNING id, tenant_id, version, input, opened_by, workflow_id
    ), written AS (
        INSERT INTO case_versions (tenant_id, case_id, version, input, edited_by)
        SELECT tenant_id, id, version, input, opened_by FROM opened
    ), told AS (
        INSERT INTO journal (tenant_id, case_id, key, kind, actor, sentence, quote)
        SELECT tenant_id, id, :sent_key, :sent_kind, opened_by, :sentence, '' FROM opened
    ), queued AS (
        INSERT INTO outbox (tenant_id, case_id, kind, workflow_id, payload, state, attempts)
        SELECT tenant_id, id, :message, workflow_id, :envelope, 'waiting', 0 FROM opened
    ), proved AS (
        INSERT INTO facts (tenant_id, body) SELECT tenant_id, :fact FROM opened
    )
    SELECT id, pg_notify(:channel, '') FROM opened
""").bindparams(
    *(bindparam(name, type_=JSONB) for name in ("input", "plan", "progress", "envelope")),
    bindparam("amount", type_=Numeric(18, 2)),
)


class Source(StrEnum):
    """Which way a case came in."""

    FORM = "form"
    API = "api"
    WEBHOOK = "webhook"
    MESSAGE = "message"
    SCHEDULE = "schedule"


@dataclass(frozen=True)
class Opened:
    """The case, and whether it stood already: the same submission came a second time."""

    case: Case
    replayed: bool


def digest_of(form: BaseModel) -> str:
    """SHA-256 of the form's content, for telling a retry from another request."""
    return hashlib.sha256(json.dumps(form.model_dump(mode="json"), sort_keys=True).encode()).hexdigest()


async def open_case(
    session: AsyncSession,
    process: Process,
    form: BaseModel,
    *,
    source: Source,
    key: str,
    by: Actor,
    plan: BaseModel | None = None,
) -> Opened:
    """Open a case once a key. KeyReused if the key came with another form, NotAllowed without the right.

    `plan` are its durations and switches, by default those of the settings.

    Two submissions with one key at the same instant are no race: the second waits for the first one's commit.
    """
    require_start(by, process)
    digest = digest_of(form)
    # The key belongs to its holder: nobody learns of another's cases by guessing keys.
    own_key = f"{process.key}:{by.person_id}:{key}"
    number, now = (await session.execute(_NEXT)).one()
    reference = f"{process.prefix}-{number:06d}"
    money = process.amount_of(form)
    case = Case(
        id=new_id(),
        tenant_id=by.tenant,
        process=process.key,
        reference=reference,
        title=process.title_of(form),
        input=form.model_dump(mode="json"),
        plan=(plan or process_plan(process.key, process.plan)).model_dump(mode="json"),
        amount=money.amount if money else None,
        currency=money.currency if money else None,
        priority=process.priority_of(form, now.date()),
        opened_by=by.person_id,
        source=source,
        key=own_key,
        digest=digest,
        workflow_id=workflow_id(by.tenant, process.key, reference),
        progress={},
        progress_at=now,
        opened_at=now,
    )
    if not await _write(session, process, case, by):
        return await _replay(session, case)
    await link_files(session, case, form)
    return Opened(case, replayed=False)


async def _replay(session: AsyncSession, again: Case) -> Opened:
    same = (Case.tenant_id == again.tenant_id, Case.source == again.source, Case.key == again.key)
    former = await session.scalar(select(Case).where(*same))
    if former is None:
        raise KeyInProgress
    if former.digest != again.digest:
        raise KeyReused
    return Opened(former, replayed=True)


async def _write(session: AsyncSession, process: Process, case: Case, by: Actor) -> bool:
    """Write the case with all that belongs to its beginning; False if the same submission stood already."""
    envelope = envelope_of(case, process, by.name)
    case.progress = first_progress(process, envelope).model_dump(mode="json")
    sent = JournalLine(key="sent", kind="sent", sentence="sent the request.", actor=by.person_id)
    fact = body_of("case.open", by.person_id, case.reference, source=case.source, digest=case.digest)
    given = case.model_dump(include=_WRITTEN) | {
        "sent_key": sent.key,
        "sent_kind": sent.kind,
        "sentence": sent.sentence,
        "message": outbox.Message.START,
        "envelope": envelope.model_dump(mode="json"),
        "fact": fact,
        "channel": outbox.CHANNEL,
    }
    return (await session.execute(_OPEN, given)).first() is not None


def envelope_of(case: Case, process: Process, opened_by_name: str) -> kit.Case[Any, Any]:
    """What the workflow is given."""
    shape = kit.Case[process.input, process.plan]  # type: ignore[name-defined]
    return shape(
        tenant=case.tenant_id,
        case_id=case.id,
        reference=case.reference,
        process=case.process,
        version=case.version,
        opened_by=case.opened_by,
        opened_by_name=opened_by_name,
        opened_at=case.opened_at,
        input=case.input,
        plan=case.plan,
    )


def first_progress(process: Process, envelope: kit.Case[Any, Any]) -> Progress:
    """What people see before the workflow has said anything."""
    return Progress(milestones=process.milestones(envelope), sentence="Sent; it starts in a moment.")


async def link_files(session: AsyncSession, case: Case, form: BaseModel) -> None:
    """Give the case the files that its form names, as far as the requester uploaded them."""
    ids: list[UUID] = getattr(form, "attachments", [])
    if ids:
        mine = (File.id.in_(ids), File.uploaded_by == case.opened_by)
        await session.execute(update(File).where(*mine, File.case_id.is_(None)).values(case_id=case.id))
