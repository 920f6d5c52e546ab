"""Open a case: one transaction that writes it, tells its story and wakes the relay. Nobody waits for Temporal."""

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases import audit, outbox
from backend.cases.access import require_start
from backend.cases.actor import Actor
from backend.cases.errors import KeyInProgress, KeyReused
from backend.cases.journal import JournalLine, tell
from backend.database.engine import Database
from backend.database.ids import new_id
from backend.database.tables import CASE_NUMBERS, Case, CaseVersion, File
from backend.kit import case as kit
from backend.kit.process import Process
from backend.kit.progress import Progress
from backend.settings import process_plan

ONE_SUBMISSION = "one_case_a_submission"


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


def workflow_id(tenant: str, process: str, reference: str) -> str:
    """The one place that builds workflow ids; it holds nothing personal."""
    return f"{tenant}.{process}.{reference}"


def digest_of(form: BaseModel) -> str:
    """SHA-256 of the form's content, for telling a retry from another request."""
    return hashlib.sha256(json.dumps(form.model_dump(mode="json"), sort_keys=True).encode()).hexdigest()


async def open_case(
    database: Database, process: Process, form: BaseModel, *, source: Source, key: str, by: Actor
) -> Opened:
    """Open a case once a key. KeyReused if the key came with another form, NotAllowed without the right."""
    require_start(by, process)
    digest = digest_of(form)
    # The key belongs to its holder: nobody learns of another's cases by guessing keys.
    own_key = f"{process.key}:{by.person_id}:{key}"
    try:
        async with database.transaction(by.tenant) as session:
            former = await _former(session, source, own_key)
            if former is not None:
                return _replay(former, digest)
            case = await _write(session, process, form, source, own_key, digest, by)
    except IntegrityError as error:
        if ONE_SUBMISSION not in str(error.orig):
            raise
        async with database.transaction(by.tenant) as session:
            former = await _former(session, source, own_key)
        if former is None:
            raise KeyInProgress from error
        return _replay(former, digest)
    return Opened(case, replayed=False)


async def _former(session: AsyncSession, source: Source, key: str) -> Case | None:
    found: Case | None = await session.scalar(select(Case).where(Case.source == source, Case.key == key))
    return found


def _replay(former: Case, digest: str) -> Opened:
    if former.digest != digest:
        raise KeyReused
    return Opened(former, replayed=True)


async def _write(
    session: AsyncSession, process: Process, form: BaseModel, source: Source, key: str, digest: str, by: Actor
) -> Case:
    number = await session.scalar(CASE_NUMBERS.next_value().select())
    reference = f"{process.prefix}-{number:06d}"
    money = process.amount_of(form)
    case = Case(
        id=new_id(),
        tenant_id=by.tenant,
        process=process.key,
        reference=reference,
        title=process.title_of(form),
        input=form.model_dump(mode="json"),
        plan=process_plan(process.key, process.plan).model_dump(mode="json"),
        amount=money.amount if money else None,
        currency=money.currency if money else None,
        opened_by=by.person_id,
        source=source,
        key=key,
        digest=digest,
        workflow_id=workflow_id(by.tenant, process.key, reference),
        progress={},
    )
    session.add(case)
    await session.flush()
    envelope = envelope_of(case, process, by.name)
    case.progress = first_progress(process, envelope).model_dump(mode="json")
    session.add(CaseVersion(tenant_id=by.tenant, case_id=case.id, version=1, input=case.input, edited_by=by.person_id))
    await link_files(session, case, form)
    await tell(session, case, JournalLine(key="sent", kind="sent", sentence="sent the request.", actor=by.person_id))
    await outbox.enqueue(session, case, outbox.Message.START, envelope)
    await audit.record(session, by.tenant, "case.open", by.person_id, reference, source=source, digest=digest)
    return case


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
