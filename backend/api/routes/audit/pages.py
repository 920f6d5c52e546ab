"""The audit trail, for administrators: who did what, the proof that nothing was changed, and the whole as a file."""

from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response, StreamingResponse

from backend.api.routes.core.dependencies import After, Db, State
from backend.api.routes.core.rendering import Render
from backend.api.routes.core.security import ADMIN, CurrentPerson
from backend.cases.audit.log import AuditFilter, ExportFormat, export, known_actions, read_trail
from backend.cases.audit.verify import verify_tenant

router = APIRouter(prefix="/audit", tags=["audit"], dependencies=[ADMIN])
Word = Annotated[str, Query(max_length=60)]
Subject = Annotated[str, Query(max_length=400)]
MEDIA = {ExportFormat.JSONL: "application/jsonl", ExportFormat.CSV: "text/csv; charset=utf-8"}


@router.get("", name="audit:list")
async def show_list(
    person: CurrentPerson,
    database: Db,
    render: Render,
    actor: Word = "",
    action: Word = "",
    subject: Subject = "",
    since: Word = "",
    until: Word = "",
    after: After = "",
) -> Response:
    """Who did what to what, newest first."""
    only = AuditFilter(actor, action, subject, day_in(since), day_in(until))
    async with database.transaction(person.tenant) as session:
        page = await read_trail(session, person, only, after)
        actions = await known_actions(session, person.tenant)
    query = {
        name: value.isoformat() if isinstance(value, date) else value or "" for name, value in asdict(only).items()
    }
    return await render("audit/list.html", active="audit", page=page, query=query, actions=actions, after=after)


def day_in(text: str) -> date | None:
    """A day as a date field sends it; anything else does not filter."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@router.get("/proof", name="audit:prove")
async def prove(person: CurrentPerson, state: State, render: Render) -> Response:
    """Recompute every hash and compare it with the anchors, now."""
    report = await verify_tenant(state.database, person.tenant, state.anchors)
    return await render("audit/proof.html", active="audit", report=report, now=datetime.now(UTC))


@router.get("/export", name="audit:export")
async def download(
    person: CurrentPerson, state: State, kind: Annotated[ExportFormat, Query(alias="format")] = ExportFormat.JSONL
) -> Response:
    """The whole trail as a file that proves itself; docs/audit-format.md says how."""
    name = f"audit-{person.tenant}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    lines = export(state.database, person.tenant, kind, state.anchors)
    return StreamingResponse(lines, media_type=MEDIA[kind], headers=headers)
