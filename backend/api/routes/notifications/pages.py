"""What a person was told: the list, its counter in the top bar, and how they want their mails."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import ValidationError

from backend.api.routes.core.dependencies import After, Db
from backend.api.routes.core.form_data import typed
from backend.api.routes.core.rendering import Render
from backend.api.routes.core.security import SIGNED_IN, CurrentPerson
from backend.cases.core.errors import CaseError
from backend.cases.notifications.notification_list import follow, list_notifications, read, unread_count
from backend.cases.notifications.preferences import (
    EmailPreferences,
    QuietHoursIncomplete,
    preferences_of,
    set_preferences,
)


class UnreadableTime(CaseError):
    """A time reads like 22:00."""

    status = 422
    code = "unreadable_time"


router = APIRouter(prefix="/notifications", tags=["notifications"], dependencies=[SIGNED_IN])
Show = Annotated[str, Query(max_length=10)]


async def _page(database: Db, person: CurrentPerson, show: str, after: str) -> dict[str, Any]:
    async with database.transaction(person.tenant) as session:
        page = await list_notifications(session, person, unread=show != "all", after=after)
        newest = await list_notifications(session, person, unread=True, limit=1)
    return {"page": page, "show": "all" if show == "all" else "unread", "after": after, "following": newest.items}


@router.get("", name="notifications:list")
async def show_list(
    person: CurrentPerson, database: Db, render: Render, show: Show = "unread", after: After = ""
) -> Response:
    """What is unread, or everything, newest first."""
    return await render("notifications/list.html", active="notifications", **await _page(database, person, show, after))


@router.get("/rows/status", name="notifications:rows")
async def show_rows(
    person: CurrentPerson, database: Db, render: Render, show: Show = "unread", after: After = ""
) -> Response:
    """The part of the list that refreshes itself."""
    return render.fragment("notifications/_rows.html", **await _page(database, person, show, after))


@router.get("/status", name="notifications:status")
async def show_counter(person: CurrentPerson, database: Db, render: Render) -> Response:
    """The counter in the top bar, which refreshes itself."""
    async with database.transaction(person.tenant) as session:
        count = await unread_count(session, person)
    return render.fragment("layouts/_bell.html", unread=count)


@router.post("/read", name="notifications:read_all")
async def read_all(person: CurrentPerson, database: Db, render: Render) -> Response:
    """Everything counts as read."""
    await read(database, person)
    return await render.redirect(render.path_for("notifications:list"), toast="Everything is marked as read.")


@router.post("/{notification_id}/read", name="notifications:read")
async def read_one(notification_id: UUID, person: CurrentPerson, database: Db, render: Render) -> Response:
    """One counts as read."""
    await read(database, person, notification_id)
    return await render.redirect(render.path_for("notifications:list"))


@router.post("/{notification_id}/open", name="notifications:open")
async def open_one(notification_id: UUID, person: CurrentPerson, database: Db, render: Render) -> Response:
    """One counts as read, and its page opens."""
    return await render.redirect(await follow(database, person, notification_id))


@router.get("/preferences", name="notifications:preferences")
async def show_preferences(person: CurrentPerson, database: Db, render: Render) -> Response:
    """How I want my mails."""
    async with database.transaction(person.tenant) as session:
        wishes = await preferences_of(session, person)
    return await render("notifications/preferences.html", active="notifications", wishes=wishes, problem="")


@router.post("/preferences", name="notifications:prefer")
async def prefer(request: Request, person: CurrentPerson, database: Db, render: Render) -> Response:
    """Remember how I want them."""
    form = await typed(request)
    try:
        wishes = _wishes(form)
        await set_preferences(database, person, wishes)
    except (QuietHoursIncomplete, UnreadableTime) as refused:
        async with database.transaction(person.tenant) as session:
            wishes = await preferences_of(session, person)
        page, problem = "notifications/preferences.html", refused.sentence
        return await render(page, answer=refused.status, active="notifications", wishes=wishes, problem=problem)
    return await render.redirect(render.path_for("notifications:preferences"), toast="Kept. It counts from now on.")


def _wishes(form: dict[str, str]) -> EmailPreferences:
    given = {name: form[name] for name in ("daily_at", "quiet_from", "quiet_until") if form.get(name)}
    try:
        return EmailPreferences.model_validate({**given, "daily": form.get("daily") == "yes"})
    except ValidationError as error:
        raise UnreadableTime from error
