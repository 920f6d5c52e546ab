"""Notifications of a person: the list, its counter in the top bar, and the email settings."""

from collections.abc import Sequence
from datetime import time
from itertools import groupby
from typing import Annotated, Any, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Query
from fastapi.responses import Response

from backend.api.routes.core.dependencies import After, Db
from backend.api.routes.core.form_models import SINGLE_FIELDS, PostedForm
from backend.api.routes.core.live import Live
from backend.api.routes.core.rendering import BADGES, Render
from backend.api.routes.core.security import SIGNED_IN, CurrentPerson
from backend.cases.notifications.notification_list import NotificationLine, follow, list_notifications, read
from backend.cases.notifications.preferences import (
    EmailPreferences,
    QuietHoursIncomplete,
    preferences_of,
    set_preferences,
)
from backend.kit.i18n import N_

router = APIRouter(prefix="/notifications", tags=["notifications"], dependencies=[SIGNED_IN])
Show = Annotated[str, Query(max_length=10)]
LIST = Live(every=5)
NOT_A_TIME = N_("Enter a time, such as 22:00.")


async def _page(database: Db, person: CurrentPerson, show: str, after: str) -> dict[str, Any]:
    async with database.transaction(person.tenant) as session:
        page = await list_notifications(session, person, unread=show != "all", after=after)
        newest = await list_notifications(session, person, unread=True, limit=1)
    return {
        "page": page,
        "days": _by_day(page.items, ZoneInfo(person.time_zone)),
        "show": "all" if show == "all" else "unread",
        "after": after,
        "following": newest.items,
    }


def _by_day(lines: Sequence[NotificationLine], zone: ZoneInfo) -> list[list[NotificationLine]]:
    """The lines of each day where the person is, in their order."""
    return [list(day) for _, day in groupby(lines, key=lambda line: line.at.astimezone(zone).date())]


@router.get("", name="notifications:list")
async def show_list(
    person: CurrentPerson, database: Db, render: Render, show: Show = "unread", after: After = ""
) -> Response:
    """Unread notifications, or all of them, newest first."""
    page = await _page(database, person, show, after)
    return await render("notifications/list.html", active="notifications", live=LIST, **page)


@router.get("/status", name="notifications:status")
async def show_counters(render: Render) -> Response:
    """The counters of the menu, for open pages that show nothing else that changes by itself."""
    return await render("layouts/badges.html", live=BADGES)


@router.post("/read", name="notifications:read_all")
async def read_all(person: CurrentPerson, database: Db, render: Render) -> Response:
    """Mark all as read."""
    await read(database, person)
    return await render.redirect(render.path_for("notifications:list"), toast=N_("All notifications marked as read."))


@router.post("/{notification_id}/read", name="notifications:read")
async def read_one(notification_id: UUID, person: CurrentPerson, database: Db, render: Render) -> Response:
    """Mark one as read."""
    await read(database, person, notification_id)
    return await render.redirect(render.path_for("notifications:list"))


@router.post("/{notification_id}/open", name="notifications:open")
async def open_one(notification_id: UUID, person: CurrentPerson, database: Db, render: Render) -> Response:
    """Mark one as read and open its page."""
    return await render.redirect(await follow(database, person, notification_id))


class PreferencesForm(PostedForm):
    """The email settings as typed: `daily` is `yes` or `no`, times are such as 22:00."""

    daily: str = ""
    daily_at: str = ""
    quiet_from: str = ""
    quiet_until: str = ""

    @classmethod
    def of(cls, saved: EmailPreferences) -> Self:
        """The form filled with the saved settings."""
        return cls(
            daily="yes" if saved.daily else "no",
            daily_at=f"{saved.daily_at:%H:%M}",
            quiet_from=f"{saved.quiet_from:%H:%M}" if saved.quiet_from else "",
            quiet_until=f"{saved.quiet_until:%H:%M}" if saved.quiet_until else "",
        )

    def problems(self) -> dict[str, str]:
        """What is wrong, by field."""
        times = {"daily_at": self.daily_at, "quiet_from": self.quiet_from, "quiet_until": self.quiet_until}
        found = {name: NOT_A_TIME for name, value in times.items() if not _readable(value)}
        if not found and bool(self.quiet_from) != bool(self.quiet_until):
            found["quiet_until" if self.quiet_from else "quiet_from"] = QuietHoursIncomplete().sentence
        return found

    def preferences(self) -> EmailPreferences:
        """The settings, if there are no problems; a time that is empty has its default."""
        times = {"daily_at": self.daily_at, "quiet_from": self.quiet_from, "quiet_until": self.quiet_until}
        given = {name: time.fromisoformat(value) for name, value in times.items() if value}
        return EmailPreferences.model_validate({**given, "daily": self.daily == "yes"})


def _readable(value: str) -> bool:
    try:
        return not value or time.fromisoformat(value).tzinfo is None
    except ValueError:
        return False


@router.get("/preferences", name="notifications:preferences")
async def show_preferences(person: CurrentPerson, database: Db, render: Render) -> Response:
    """My email settings."""
    async with database.transaction(person.tenant) as session:
        form = PreferencesForm.of(await preferences_of(session, person))
    return await render("notifications/preferences.html", active="notifications", form=form, problems={})


@router.post("/preferences", name="notifications:prefer", dependencies=[SINGLE_FIELDS])
async def prefer(
    form: Annotated[PreferencesForm, Form()], person: CurrentPerson, database: Db, render: Render
) -> Response:
    """Save my email settings."""
    problems = form.problems()
    if problems:
        page = "notifications/preferences.html"
        return await render(page, answer=422, active="notifications", form=form, problems=problems)
    await set_preferences(database, person, form.preferences())
    return await render.redirect(render.path_for("notifications:preferences"), toast=N_("Settings saved."))
