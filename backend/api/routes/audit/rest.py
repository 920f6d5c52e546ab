"""REST: the audit trail, for administrators."""

from typing import Annotated

from fastapi import APIRouter, Query

from backend.api.routes.audit.schemas import AuditOut, AuditPage, AuditProof
from backend.api.routes.core.dependencies import After, Db, Limit, State
from backend.api.routes.core.problems import PROBLEMS
from backend.api.routes.core.schema_types import Day
from backend.api.routes.core.security import ADMIN, CurrentPerson
from backend.cases.audit.log import AuditFilter, read_trail
from backend.cases.audit.verify import verify_tenant

router = APIRouter(prefix="/audit", tags=["audit"], dependencies=[ADMIN], responses=PROBLEMS)
Word = Annotated[str, Query(max_length=60)]
Subject = Annotated[str, Query(max_length=400)]


@router.get("", name="api:audit:list", summary="List audit log entries")
async def list_all(
    person: CurrentPerson,
    database: Db,
    actor: Word = "",
    action: Word = "",
    subject: Subject = "",
    since: Day | None = None,
    until: Day | None = None,
    after: After = "",
    limit: Limit = 50,
) -> AuditPage:
    """Newest first. Days are in the tenant's time zone; both are included."""
    only = AuditFilter(actor, action, subject, since, until)
    async with database.transaction(person.tenant) as session:
        page = await read_trail(session, person, only, after, limit)
    return AuditPage(items=[AuditOut(**vars(line)) for line in page.items], next=page.next)


@router.get("/proof", name="api:audit:prove", summary="Verify the audit log")
async def prove(person: CurrentPerson, state: State) -> AuditProof:
    """Recomputes every hash and compares it with the anchors. Store `head` elsewhere: later exports must contain it."""
    report = await verify_tenant(state.database, person.tenant, state.anchors)
    return AuditProof(ok=report.ok, **vars(report))
