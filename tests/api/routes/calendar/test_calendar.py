"""The working calendar: administrators see and change it, and it applies to new approvals."""

import asyncio
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from backend.database.engine import Database
from backend.database.tables import Approval, AuditRow
from tests.support.approvals import asked_about
from tests.support.html import page_of, said_in
from tests.support.web import Visitor

CALENDAR = "/api/v1/calendar"
VIENNA = ZoneInfo("Europe/Vienna")


async def due(database: Database) -> datetime:
    """When an approval is due that is requested now with one working day."""
    _, asked = await asked_about(database, working_time=True)
    async with database.across_tenants() as session:
        return (await session.get_one(Approval, asked.approval_id)).due_at


async def test_only_administrators_see_the_calendar_of_their_tenant(program_of: Visitor, browser_of: Visitor) -> None:
    root, ann = await program_of("root"), await program_of("ann")
    found = (await root.get(CALENDAR)).json()
    assert (found["zone"], len(found["hours"])) == ("Europe/Vienna", 5)
    assert (await ann.get(CALENDAR)).status_code in {403, 404}
    page = await (await browser_of("root")).get("/calendar")
    assert "09:00–17:00" in said_in(page)
    today = datetime.now(VIENNA).date()
    free = {each["day"] for each in found["holidays"]}
    works = today.isoformat() not in free and today.weekday() in {each["weekday"] for each in found["hours"]}
    assert ("Today is a working day" if works else "Today is not a working day") in said_in(page)


async def test_a_holiday_moves_what_is_asked_from_then_on_and_nothing_before(
    browser_of: Visitor, demo_calendar: Database
) -> None:
    root = await browser_of("root")
    before = await due(demo_calendar)
    day = before.date().isoformat()
    refused = await root.post("/calendar/holidays", data={"day": "soon", "name": "Founding day"})
    assert (refused.status_code, "Enter a date" in said_in(refused)) == (422, True)
    assert (await root.post("/calendar/holidays", data={"day": day, "name": " "})).status_code == 422
    assert (await root.post("/calendar/holidays", data={"day": day, "name": "Founding day"})).status_code == 303
    assert "Founding day" in said_in(await root.get("/calendar"))
    after = await due(demo_calendar)
    assert after.date() > before.date()
    async with demo_calendar.across_tenants() as session:
        moments = list(await session.scalars(select(Approval.due_at).order_by(Approval.asked_at)))
        trail = list(await session.scalars(select(AuditRow.body)))
    assert moments == [before, after]
    assert any("calendar.add" in body and day in body for body in trail)
    assert (await root.post(f"/calendar/holidays/{day}/remove")).status_code == 303
    assert (await root.post(f"/calendar/holidays/{day}/remove")).status_code == 404
    assert (await due(demo_calendar)).date() == before.date()


WEEK = {
    "monday": "9:00 to 12:00, 13:00-17:30", "tuesday": "09:00 to 17:00", "wednesday": "", "thursday": "", "friday": "",
    "saturday": "10:00 – 11:00", "sunday": "",
}  # fmt: skip


async def test_hours_are_changed_a_line_a_day_and_wrong_ones_are_said_beside_their_day(
    browser_of: Visitor, program_of: Visitor, demo_calendar: Database
) -> None:
    root, program = await browser_of("root"), await program_of("root")
    before = (await program.get(CALENDAR)).json()["hours"]
    for line in ("all day", "17:00 to 09:00", "09:00 to 25:00"):
        refused = await root.post("/calendar/hours", data=WEEK | {"tuesday": line})
        assert refused.status_code == 422
        shown = page_of(refused)
        assert shown.one("#tuesday-error").text
        assert shown.one("[name=tuesday]").held == line
    overlapping = await root.post("/calendar/hours", data=WEEK | {"tuesday": "09:00 to 12:00, 11:00 to 17:00"})
    assert (overlapping.status_code, "overlap" in said_in(overlapping)) == (422, True)
    assert (await program.get(CALENDAR)).json()["hours"] == before
    assert (await root.post("/calendar/hours", data=WEEK)).status_code == 303
    assert "09:00–12:00, 13:00–17:30" in said_in(await root.get("/calendar"))
    kept = [(each["weekday"], each["opens"][:5]) for each in (await program.get(CALENDAR)).json()["hours"]]
    assert kept == [(0, "09:00"), (0, "13:00"), (1, "09:00"), (5, "10:00")]
    assert (await due(demo_calendar)).astimezone(VIENNA).weekday() in {0, 1, 5}
    async with demo_calendar.across_tenants() as session:
        assert any("calendar.hours" in body for body in await session.scalars(select(AuditRow.body)))


async def test_programs_set_the_hours_of_the_week(program_of: Visitor, demo_calendar: Database) -> None:
    root, ann = await program_of("root"), await program_of("ann")
    mornings = [{"weekday": day, "opens": "08:00:00", "closes": "12:00:00"} for day in range(3)]
    assert (await ann.put(f"{CALENDAR}/hours", json=mornings)).status_code in {403, 404}
    assert (await root.put(f"{CALENDAR}/hours", json=mornings)).json()["hours"] == mornings
    for wrong in ({"weekday": 7}, {"opens": "13:00:00"}, {"opens": "soon"}, {"opens": "08:00:00Z"}):
        assert (await root.put(f"{CALENDAR}/hours", json=[mornings[0] | wrong])).status_code == 422
    assert (await root.put(f"{CALENDAR}/hours", json=[mornings[0], mornings[0]])).json()["code"] == "hours_refused"
    assert (await root.get(CALENDAR)).json()["hours"] == mornings
    doubled = await asyncio.gather(*(root.put(f"{CALENDAR}/hours", json=mornings) for _ in range(8)))
    assert [each.status_code for each in doubled] == [200] * 8
    assert (await root.get(CALENDAR)).json()["hours"] == mornings
    assert (await root.put(f"{CALENDAR}/hours", json=[])).json()["hours"] == []


async def test_programs_change_holidays_too(program_of: Visitor, demo_calendar: Database) -> None:
    root = await program_of("root")
    day = (datetime.now(UTC).date() + timedelta(days=200)).isoformat()
    for name in ("Founding day", "Founders' day"):
        answer = await root.put(f"{CALENDAR}/holidays/{day}", json={"name": name})
        assert {"day": day, "name": name} in answer.json()["holidays"]
    gone = await root.delete(f"{CALENDAR}/holidays/{day}")
    assert day not in [each["day"] for each in gone.json()["holidays"]]
    assert (await root.delete(f"{CALENDAR}/holidays/{day}")).status_code == 404
