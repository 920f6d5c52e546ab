"""REST: my substitutes, and the people I cover for."""

from decimal import Decimal
from uuid import UUID

from fastapi import APIRouter, status
from pydantic import BaseModel, ConfigDict, Field

from backend.api.routes.core.dependencies import State
from backend.api.routes.core.problems import PROBLEMS
from backend.api.routes.core.schema_types import Day, Moment, PlainDecimal
from backend.api.routes.core.security import BEARER, CurrentPerson
from backend.cases.approvals.assign.substitutes import (
    SubstitutionTerms,
    end_substitution,
    set_substitute,
    substitutions_of,
)
from backend.database.tables import Substitution

router = APIRouter(prefix="/people/me/substitutes", tags=["people"], dependencies=[BEARER], responses=PROBLEMS)


class SubstituteIn(BaseModel):
    """Who decides for you, on which days (both included), for which processes, and up to which amount."""

    model_config = ConfigDict(extra="forbid")

    substitute: str = Field(max_length=60, examples=["fay"])
    first_day: Day
    last_day: Day
    processes: list[str] = Field(default=[], max_length=50, description="All processes if empty.")
    up_to: PlainDecimal | None = Field(default=None, max_digits=14, decimal_places=2)


class SubstituteOut(BaseModel):
    """A substitution."""

    id: UUID
    person_id: str
    substitute_id: str
    starts_at: Moment
    ends_at: Moment
    processes: list[str]
    up_to: Decimal | None


def _out(row: Substitution) -> SubstituteOut:
    return SubstituteOut(**row.model_dump(include=set(SubstituteOut.model_fields)))


@router.get("", name="api:substitutes:list", summary="List your substitutes, and the people you cover for")
async def list_mine(person: CurrentPerson, state: State) -> list[SubstituteOut]:
    """Current and future, soonest first."""
    async with state.database.transaction(person.tenant) as session:
        return [_out(row) for row in await substitutions_of(session, person)]


@router.post("", name="api:substitutes:set", summary="Set a substitute", status_code=status.HTTP_201_CREATED)
async def create(body: SubstituteIn, person: CurrentPerson, state: State) -> SubstituteOut:
    """They can decide for you; the record shows both names."""
    mandate = SubstitutionTerms(body.substitute, body.first_day, body.last_day, tuple(body.processes), body.up_to)
    return _out(await set_substitute(state.database, state.processes, mandate, by=person))


@router.post("/{substitution_id}/end", name="api:substitutes:end", summary="End a substitution")
async def end(substitution_id: UUID, person: CurrentPerson, state: State) -> SubstituteOut:
    """Either person can end it; a repeat has no effect."""
    return _out(await end_substitution(state.database, substitution_id, by=person))
