"""Open cases: one transaction that writes them, tells their story and wakes the relay. Nobody waits for Temporal."""

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from pydantic import BaseModel
from sqlalchemy import bindparam, func, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.audit.record import body_of
from backend.cases.core.access import require_start
from backend.cases.core.actor import Actor
from backend.cases.core.envelope import digest_of, envelope_of
from backend.cases.core.errors import CaseError, KeyInProgress, KeyReused
from backend.cases.core.files import link_files
from backend.cases.core.records import WRITE_RECORDS, CaseRecords, JournalLine, OutboxMessage
from backend.cases.outbox.fair_queue import TooManyWaiting, flow_of
from backend.cases.outbox.outbox import CHANNEL, Message
from backend.database.ids import new_id
from backend.database.tables import Case
from backend.kit import case as kit
from backend.kit.i18n import N_
from backend.kit.naming import workflow_id
from backend.kit.process import Process
from backend.kit.progress import Progress
from backend.settings import process_plan

_WRITTEN = {
    "id": "uuid", "tenant_id": "text", "process": "text", "reference": "text", "title": "text", "status": "text",
    "input": "jsonb", "plan": "jsonb", "version": "int", "amount": "numeric", "currency": "text", "priority": "int",
    "opened_by": "text", "source": "text", "key": "text", "digest": "text", "workflow_id": "text", "progress": "jsonb",
    "progress_at": "timestamptz", "opened_at": "timestamptz",
}  # fmt: skip
_COLUMNS = ", ".join(_WRITTEN)
LATELY = timedelta(minutes=10)
# A number for each, the time, and how many of its flow wait already, counted up to the limit.
_NEXT = text("""
    SELECT nextval('case_numbers'), clock_timestamp(), (
        SELECT count(*) FROM (SELECT 1 FROM outbox o WHERE o.tenant_id = :tenant AND o.flow = w.flow
                              AND o.state = 'waiting' LIMIT :most) waiting)
    FROM unnest(cast(:flows AS text[])) WITH ORDINALITY AS w(flow, place) ORDER BY w.place
""")
WAITING_LIMIT = 1000
# One statement, one round trip: the cases, their first versions, and what is recorded of them.
# In the order of their keys, so that two who write the same submissions wait for each other only one way.
_OPEN = text(f"""
    WITH given AS (
        SELECT * FROM jsonb_to_recordset(:given)
               AS g({", ".join(f"{name} {kind}" for name, kind in _WRITTEN.items())},
                    lines jsonb, messages jsonb, facts jsonb)
    ), opened AS (
        INSERT INTO cases ({_COLUMNS}) SELECT {_COLUMNS} FROM given ORDER BY key
        ON CONFLICT ON CONSTRAINT one_case_a_submission DO NOTHING
        RETURNING id
    ), written AS (
        INSERT INTO case_versions (tenant_id, case_id, version, input, edited_by)
        SELECT tenant_id, id, version, input, opened_by FROM opened JOIN given USING (id)
    ), records AS (
        SELECT tenant_id, id AS case_id, workflow_id, lines, messages, facts FROM opened JOIN given USING (id)
    ), {WRITE_RECORDS}
    SELECT id, pg_notify(:channel, '') FROM opened
""").bindparams(bindparam("given", type_=JSONB))  # noqa: S608 - the names are ours


class Source(StrEnum):
    """Which way a case came in."""

    FORM = "form"
    API = "api"
    WEBHOOK = "webhook"
    MESSAGE = "message"
    SCHEDULE = "schedule"


@dataclass(frozen=True)
class Submission:
    """A form that shall become a case, once a key; NotAllowed if this person may not start such.

    `plan` are its durations and switches, by default those of the settings.
    """

    process: Process
    form: BaseModel
    _: KW_ONLY
    source: Source
    key: str
    by: Actor
    plan: BaseModel | None = None

    def __post_init__(self) -> None:
        require_start(self.by, self.process)

    @property
    def flow(self) -> str:
        """In which flow its start waits for its turn."""
        return flow_of(self.process.key, self.by.person_id)


@dataclass(frozen=True)
class Opened:
    """The case, and whether it existed already, because the same submission came a second time."""

    case: Case
    replayed: bool


async def open_case(session: AsyncSession, submission: Submission) -> Opened:
    """Open a case once a key. KeyReused if the key came with another form.

    Two submissions with one key at the same instant are no race: the second waits for the first one's commit.
    """
    (opened,) = await open_cases(session, [submission])
    if isinstance(opened, CaseError):
        raise opened
    return opened


async def open_cases(
    session: AsyncSession, submissions: Sequence[Submission], limit: int = WAITING_LIMIT
) -> list[Opened | CaseError]:
    """Open one case for each, in their order, or say why not. All are of one tenant.

    TooManyWaiting for a person with `limit` cases of the process that wait to start.
    """
    flows = [each.flow for each in submissions]
    numbers = await session.execute(_NEXT, {"tenant": submissions[0].by.tenant, "flows": flows, "most": limit})
    cases, full = [], set()
    for submission, (number, now, waiting) in zip(submissions, numbers, strict=True):
        cases.append(_case_of(submission, number, now))
        if waiting >= limit:
            full.add(cases[-1].id)
    pairs = [pair for pair in zip(cases, submissions, strict=True) if pair[0].id not in full]
    given = [_written(case, submission) for case, submission in pairs]
    written = await session.execute(_OPEN, {"given": given, "channel": CHANNEL})
    fresh = {row.id for row in written}
    for case, submission in pairs:
        if case.id in fresh:
            await link_files(session, case, submission.form)
    return [
        Opened(case, replayed=False) if case.id in fresh else await _opened_before(session, case, case.id in full)
        for case in cases
    ]


def _case_of(submission: Submission, number: int, now: datetime) -> Case:
    process, form, by = submission.process, submission.form, submission.by
    reference = f"{process.prefix}-{number:06d}"
    content = form.model_dump(mode="json")
    plan = submission.plan or process_plan(process.key, process.plan)
    money = process.amount_of(form)
    return Case(
        id=new_id(),
        tenant_id=by.tenant,
        process=process.key,
        reference=reference,
        title=process.title_of(form),
        input=content,
        plan=plan.model_dump(mode="json"),
        amount=money.amount if money else None,
        currency=money.currency if money else None,
        priority=process.priority_of(form, now.date()),
        opened_by=by.person_id,
        source=submission.source,
        key=_own_key(process, submission.key, by),
        digest=digest_of(content),
        workflow_id=workflow_id(by.tenant, process.key, reference),
        progress={},
        progress_at=now,
        opened_at=now,
    )


def _own_key(process: Process, key: str, by: Actor) -> str:
    """The key belongs to its holder: nobody learns of another's cases by guessing keys."""
    return f"{process.key}:{by.person_id}:{key}"


async def accepted_at(session: AsyncSession, process: Process, source: Source, key: str, by: Actor) -> datetime | None:
    """When this person's case with this key was opened; None if there is none."""
    case = await sent_case(session, process, source, key, by)
    return case.opened_at if case else None


async def sent_case(session: AsyncSession, process: Process, source: Source, key: str, by: Actor) -> Case | None:
    """This person's case with this key; None if there is none."""
    mine = (Case.tenant_id == by.tenant, Case.source == source, Case.key == _own_key(process, key, by))
    case: Case | None = await session.scalar(select(Case).where(*mine))
    return case


async def sent_lately(session: AsyncSession, process: Process, by: Actor) -> Case | None:
    """The case that this person opened last with the form of this process, if that was in the last minutes."""
    mine = (Case.tenant_id == by.tenant, Case.opened_by == by.person_id, Case.opened_at > func.now() - LATELY)
    of_form = (Case.process == process.key, Case.source == Source.FORM)
    newest = select(Case).where(*mine, *of_form).order_by(Case.opened_at.desc()).limit(1)
    case: Case | None = await session.scalar(newest)
    return case


def _written(case: Case, submission: Submission) -> dict[str, Any]:
    """The case as a row, with what is recorded of it."""
    envelope = envelope_of(case, submission.process, submission.by.name)
    case.progress = first_progress(submission.process, envelope).model_dump(mode="json")
    records = CaseRecords.of(
        case,
        [JournalLine(key="sent", kind="sent", sentence=N_("submitted the request."), actor=case.opened_by)],
        [OutboxMessage(Message.START, envelope, flow=submission.flow)],
        [body_of("case.open", case.opened_by, case.reference, source=case.source, digest=case.digest)],
    )
    return {**records.row(), **case.model_dump(mode="json", include=set(_WRITTEN))}


async def _opened_before(session: AsyncSession, again: Case, full: bool) -> Opened | CaseError:  # noqa: FBT001 - a fact
    """What this submission came to the first time; TooManyWaiting if it is new and its flow is full."""
    same = (Case.tenant_id == again.tenant_id, Case.source == again.source, Case.key == again.key)
    first = await session.scalar(select(Case).where(*same))
    if first is None:
        return TooManyWaiting() if full else KeyInProgress()
    return KeyReused() if first.digest != again.digest else Opened(first, replayed=True)


def first_progress(process: Process, envelope: kit.Case[Any, Any]) -> Progress:
    """What people see before the workflow has said anything."""
    return Progress(milestones=process.milestones(envelope), sentence=N_("Submitted. It starts in a moment."))
