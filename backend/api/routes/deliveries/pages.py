"""The email log, for administrators: what was sent, what was not and why, and sending one again."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query
from fastapi.responses import Response

from backend.api.routes.core.dependencies import After, Db
from backend.api.routes.core.form_models import SINGLE_FIELDS, PostedForm
from backend.api.routes.core.rendering import Render
from backend.api.routes.core.security import ADMIN, SIGNED_IN, CurrentPerson
from backend.cases.approvals.decide.decision_links import allow_links, links_allowed
from backend.cases.mailer.deliveries import DeliveryFilter, DeliveryState, delivery_view, list_deliveries, resend
from backend.kit.i18n import N_

router = APIRouter(prefix="/deliveries", tags=["deliveries"])
Word = Annotated[str, Query(max_length=60)]


@router.get("", name="deliveries:list", dependencies=[ADMIN])
async def show_list(
    person: CurrentPerson,
    database: Db,
    render: Render,
    state: Word = "",
    to: Word = "",
    case: Word = "",
    after: After = "",
) -> Response:
    """Every email of the tenant, newest first."""
    chosen = DeliveryState(state) if state in set(DeliveryState) else None
    async with database.transaction(person.tenant) as session:
        page = await list_deliveries(session, person, DeliveryFilter(chosen, to, case), after)
        allowed = await links_allowed(session, person)
    query = {"state": state, "to": to, "case": case}
    states = list(DeliveryState)
    return await render(
        "deliveries/list.html", active="deliveries", page=page, query=query, states=states, after=after, allowed=allowed
    )


class LinksForm(PostedForm):
    """Whether emails contain decision links: `yes` or `no`."""

    allowed: str = ""


@router.post("/links", name="deliveries:links", dependencies=[ADMIN, SINGLE_FIELDS])
async def set_links(
    form: Annotated[LinksForm, Form()], person: CurrentPerson, database: Db, render: Render
) -> Response:
    """Enable or disable decisions by the personal link in emails."""
    allowed = form.allowed == "yes"
    await allow_links(database, allowed=allowed, by=person)
    enabled, disabled = (
        N_("Decision links enabled."),
        N_("Decision links disabled. Links in emails already sent no longer work."),
    )
    return await render.redirect(render.path_for("deliveries:list"), toast=enabled if allowed else disabled)


@router.get("/{delivery_id}", name="deliveries:show", dependencies=[SIGNED_IN])
async def show(delivery_id: UUID, person: CurrentPerson, database: Db, render: Render) -> Response:
    """One email, for administrators and its recipient."""
    async with database.transaction(person.tenant) as session:
        view = await delivery_view(session, person, delivery_id)
    return await render("deliveries/page.html", active="deliveries", line=view.line, kept=view.text)


@router.post("/{delivery_id}/resend", name="deliveries:resend", dependencies=[ADMIN])
async def send_again(delivery_id: UUID, person: CurrentPerson, database: Db, render: Render) -> Response:
    """Send it again, now."""
    line = await resend(database, delivery_id, by=person)
    where = render.path_for("deliveries:show", delivery_id=delivery_id)
    return await render.redirect(where, toast=N_("Email to {name} queued again.").format(name=line.name))
