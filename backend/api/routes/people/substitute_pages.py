"""Out of office: my substitutes, and the people I cover for."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form
from fastapi.responses import Response
from pydantic import Field

from backend.api.routes.core.dependencies import State
from backend.api.routes.core.form_models import PostedForm, single_fields
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
from backend.i18n.typed_numbers import NoAmount, language_named, read_amount
from backend.kit.i18n import N_

router = APIRouter(tags=["people"], dependencies=[SIGNED_IN])
CORRECTABLE = 422
TOO_LARGE = 10**12


class SubstituteForm(PostedForm):
    """A substitute as typed; `find` searches for people, `restore` brings back what was typed before signing in."""

    person: str = ""
    first_day: str = ""
    last_day: str = ""
    processes: list[str] = Field(default_factory=list)
    up_to: str = ""
    typed_in: str = ""
    q: str = ""
    find: str = ""
    restore: str = ""

    def terms(self) -> SubstitutionTerms:
        """What the use case needs. SubstitutionRefused if a field cannot be read."""
        if not self.person:
            raise SubstitutionRefused(N_("Choose a person."))
        try:
            first, last = date.fromisoformat(self.first_day), date.fromisoformat(self.last_day)
        except ValueError as error:
            raise SubstitutionRefused(N_("Enter a first and a last day.")) from error
        return SubstitutionTerms(self.person[:60], first, last, tuple(self.processes), self._limit())

    def _limit(self) -> Decimal | None:
        refused = SubstitutionRefused(N_("Enter the amount as a number, such as 5000."))
        if not self.up_to:
            return None
        try:
            amount = read_amount(self.up_to.strip(), language_named(self.typed_in))
        except NoAmount as unread:
            raise (SubstitutionRefused(unread.question) if unread.question else refused) from unread
        if abs(amount) >= TOO_LARGE:
            raise refused
        return amount


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
    """My substitutes, and a form to set one."""
    return await _draw(person, state, render, SubstituteForm())


@router.post("/people/me/substitutes", name="substitutes:set", dependencies=[single_fields(lists=["processes"])])
async def do_set(
    form: Annotated[SubstituteForm, Form()], person: CurrentPerson, state: State, render: Render
) -> Response:
    """Set one, or search for people first."""
    if form.find or form.restore:
        return await _draw(person, state, render, form)
    try:
        await set_substitute(state.database, state.processes, form.terms(), by=person)
    except CaseError as refused:
        if refused.status != CORRECTABLE:
            raise
        return await _draw(person, state, render, form, refused.sentence)
    return await render.redirect(
        render.path_for("substitutes:show"), toast=N_("Substitute set. You can end this at any time.")
    )


@router.post("/people/me/substitutes/{substitution_id}/end", name="substitutes:end")
async def do_end(substitution_id: UUID, person: CurrentPerson, state: State, render: Render) -> Response:
    """End one now."""
    await end_substitution(state.database, substitution_id, by=person)
    return await render.redirect(render.path_for("substitutes:show"), toast=N_("Substitution ended."))


async def _draw(person: Actor, state: WebState, render: Renderer, form: SubstituteForm, problem: str = "") -> Response:
    zone = ZoneInfo(person.time_zone)
    async with state.database.transaction(person.tenant) as session:
        rows = await substitutions_of(session, person)
        found = await find_people(session, form.q, {person.person_id})
        names = await names_of(session, {p for row in rows for p in (row.person_id, row.substitute_id)})
    return await render(
        "people/substitutes.html",
        fragment="people/_find.html",
        answer=CORRECTABLE if problem else 200,
        mine=[_shown(r, names[r.substitute_id], state, zone) for r in rows if r.person_id == person.person_id],
        others=[_shown(r, names[r.person_id], state, zone) for r in rows if r.person_id != person.person_id],
        found=found,
        form=form,
        problem=problem,
        today=datetime.now(UTC).astimezone(zone).date(),
    )
