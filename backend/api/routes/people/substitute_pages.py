"""Out of office: my substitutes, and the people I cover for."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import Response

from backend.api.routes.core.dependencies import State
from backend.api.routes.core.form_data import pairs_of
from backend.api.routes.core.rendering import Render, Renderer
from backend.api.routes.core.security import SIGNED_IN, CurrentPerson
from backend.api.routes.core.state import WebState
from backend.cases.approvals.assign.substitutes import (
    SubstitutionRefused,
    SubstitutionTerms,
    end_substitution,
    set_substitute,
    substitutions_of,
)
from backend.cases.core.actor import Actor, names_of
from backend.cases.core.errors import CaseError
from backend.cases.people.search import find_people
from backend.database.tables import Substitution
from backend.i18n.typed_numbers import TYPED_IN, language_named, read_number
from backend.kit.i18n import N_

router = APIRouter(tags=["people"], dependencies=[SIGNED_IN])
CORRECTABLE = 422


@dataclass(frozen=True)
class Shown:
    """One substitution as the page shows it: with whom, on which days (both included), in which processes."""

    id: UUID
    name: str
    first: date
    last: date
    begun: bool
    processes: list[str]
    up_to: Decimal | None


def _shown(row: Substitution, name: str, state: WebState, zone: ZoneInfo) -> Shown:
    return Shown(
        id=row.id,
        name=name,
        first=row.starts_at.astimezone(zone).date(),
        last=(row.ends_at.astimezone(zone) - timedelta(seconds=1)).date(),
        begun=row.starts_at <= datetime.now(UTC),
        processes=[state.processes[key].title for key in row.processes if key in state.processes],
        up_to=row.up_to,
    )


@router.get("/people/me/substitutes", name="substitutes:show")
async def show(person: CurrentPerson, state: State, render: Render) -> Response:
    """What is set, and a form to set one."""
    return await _draw(person, state, render, {})


@router.post("/people/me/substitutes", name="substitutes:set")
async def do_set(request: Request, person: CurrentPerson, state: State, render: Render) -> Response:
    """Set one, or look for people first."""
    pairs = await pairs_of(request)
    form = dict(pairs)
    chosen = [value for name, value in pairs if name == "processes"]
    if "find" in form or "restore" in form:
        return await _draw(person, state, render, form, chosen)
    try:
        await set_substitute(state.database, state.processes, _mandate(form, chosen), by=person)
    except CaseError as refused:
        if refused.status != CORRECTABLE:
            raise
        return await _draw(person, state, render, form, chosen, refused.sentence)
    return await render.redirect(
        render.path_for("substitutes:show"), toast=N_("Substitute set. You can end this at any time.")
    )


@router.post("/people/me/substitutes/{substitution_id}/end", name="substitutes:end")
async def do_end(substitution_id: UUID, person: CurrentPerson, state: State, render: Render) -> Response:
    """End one now."""
    await end_substitution(state.database, substitution_id, by=person)
    return await render.redirect(render.path_for("substitutes:show"), toast=N_("Substitution ended."))


def _mandate(form: dict[str, str], processes: list[str]) -> SubstitutionTerms:
    if not form.get("person"):
        raise SubstitutionRefused(N_("Choose a person."))
    try:
        days = [date.fromisoformat(form.get(name, "")) for name in ("first_day", "last_day")]
    except ValueError as error:
        raise SubstitutionRefused(N_("Enter a first and a last day.")) from error
    try:
        up_to = Decimal(read_number(form["up_to"], language_named(form.get(TYPED_IN)))) if form.get("up_to") else None
    except InvalidOperation as error:
        raise SubstitutionRefused(N_("Enter the amount as a number, such as 5000.")) from error
    if up_to is not None and not (up_to.is_finite() and abs(up_to) < 10**12):
        raise SubstitutionRefused(N_("Enter the amount as a number, such as 5000."))
    return SubstitutionTerms(form["person"][:60], days[0], days[1], tuple(processes), up_to)


async def _draw(
    person: Actor,
    state: WebState,
    render: Renderer,
    form: dict[str, str],
    chosen: list[str] | None = None,
    problem: str = "",
) -> Response:
    zone = ZoneInfo(person.time_zone)
    async with state.database.transaction(person.tenant) as session:
        rows = await substitutions_of(session, person)
        found = await find_people(session, form.get("q", ""), {person.person_id})
        names = await names_of(session, {p for row in rows for p in (row.person_id, row.substitute_id)})
    return await render(
        "people/substitutes.html",
        fragment="people/_find.html",
        answer=CORRECTABLE if problem else 200,
        mine=[_shown(r, names[r.substitute_id], state, zone) for r in rows if r.person_id == person.person_id],
        others=[_shown(r, names[r.person_id], state, zone) for r in rows if r.person_id != person.person_id],
        found=found,
        form=form,
        chosen=chosen or [],
        problem=problem,
        today=datetime.now(UTC).astimezone(zone).date(),
    )
