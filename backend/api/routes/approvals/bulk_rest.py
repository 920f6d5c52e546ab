"""REST: decide several approvals at once."""

from typing import Annotated, Any
from uuid import UUID, uuid5

from fastapi import APIRouter, Header, Response

from backend.api.routes.approvals.bulk_schemas import BulkIn, BulkItemOut, BulkOut
from backend.api.routes.core.dependencies import State
from backend.api.routes.core.problems import PROBLEMS
from backend.api.routes.core.security import BEARER, CurrentPerson
from backend.api.routes.core.state import WebState
from backend.cases.core.actor import Actor
from backend.cases.inbox.bulk import Pick, answer_many, job_of
from backend.cases.inbox.bulk_view import bulk_view

router = APIRouter(prefix="/approvals/bulk", tags=["approvals"], dependencies=[BEARER], responses=PROBLEMS)
KEYS = UUID("4ff0a6a4-9bb4-5a4e-8d52-0c1b6f1f3c55")  # a name space of ours: the same key of a person is the same job


@router.post("", name="api:bulk:start", summary="Decide several approvals at once", status_code=202)
async def begin(
    response: Response,
    body: BulkIn,
    person: CurrentPerson,
    state: State,
    idempotency_key: Annotated[str, Header(max_length=200)] = "",
) -> BulkOut:
    """Each is decided separately, with the version that you saw; up to 500 at once. `Location` is the job to follow.

    The same `Idempotency-Key` and body is the same job; a different body is refused, and nothing is decided.
    """
    own = uuid5(KEYS, f"{person.tenant}:{person.person_id}:{idempotency_key}") if idempotency_key else None
    picks = [Pick(each.id, each.version) for each in body.items]
    job = await answer_many(state.database, state.processes, picks, body.decision, body.comment, by=person, job=own)
    response.headers["Location"] = state.paths.of("api:bulk:show", job=job)
    return await _out(state, person, job)


@router.get("/{job}", name="api:bulk:show", summary="Get the progress of a bulk decision")
async def show(job: UUID, person: CurrentPerson, state: State) -> BulkOut:
    """With the result of each approval; approvals that changed in the meantime are refused with the differences."""
    return await _out(state, person, job)


async def _out(state: WebState, person: Actor, job: UUID) -> BulkOut:
    async with state.database.transaction(person.tenant) as session:
        view = await bulk_view(session, await job_of(session, job, person), state.processes, person)
    counts: dict[str, Any] = vars(view.progress)
    return BulkOut(
        **counts,
        id=str(job),
        url=state.paths.of("api:bulk:show", job=job),
        decision=view.job.choice,
        items=[
            BulkItemOut(
                **row.item.model_dump(include={"version", "state", "code", "differences", "at"}),
                id=str(row.approval.id),
                reference=row.case.reference,
                result=row.item.sentence,
            )
            for row in view.rows
        ],
    )
