"""The working calendar: administrators see and change it, and it applies to new approvals."""

import asyncio
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
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


WEEK: dict[str, list[str]] = {
    "monday": ["09:00", "12:00", "13:00", "17:30"], "tuesday": ["", "", "09:00", "17:00"],
    "wednesday": ["", "", "", ""], "thursday": ["", "", "", ""], "friday": ["", "", "", ""],
    "saturday": ["10:00", "11:00", "", ""], "sunday": ["", "", "", ""],
}  # fmt: skip


async def test_hours_are_changed_by_periods_of_a_day_and_wrong_ones_are_said_beside_their_day(
    browser_of: Visitor, program_of: Visitor, demo_calendar: Database
) -> None:
    root, program = await browser_of("root"), await program_of("root")
    before = (await program.get(CALENDAR)).json()["hours"]
    for tuesday, said in (
        (["09:00", "", "", ""], "Enter both times of each period."),
        (["", "", "", "17:00"], "Enter both times of each period."),
        (["17:00", "09:00", "", ""], "Each period must end after it starts."),
        (["09:00", "09:00", "", ""], "Each period must end after it starts."),
        (["all day", "25:00", "", ""], "Enter times such as 09:00."),
        (["09:00", "25:00", "", ""], "Enter times such as 09:00."),
        (["09:00", "12:00", "11:00", "17:00"], "Two periods on Tuesday overlap."),
    ):
        refused = await root.post("/calendar/hours", data=WEEK | {"tuesday": tuesday})
        assert refused.status_code == 422
        shown = page_of(refused)
        assert [each.text for each in shown.all(".cs-hours .cs-err")] == [said]
        assert shown.one("#tuesday-error").text == said
        fields = shown.all("[name=tuesday][aria-invalid=true][aria-describedby=tuesday-error]")
        assert [field.held for field in fields] == tuesday
        assert [field.held for field in shown.all("[name=monday]")] == WEEK["monday"]
    assert (await program.get(CALENDAR)).json()["hours"] == before
    assert (await root.post("/calendar/hours", data=WEEK)).status_code == 303
    assert "09:00–12:00, 13:00–17:30" in said_in(await root.get("/calendar"))
    kept = [(each["weekday"], each["opens"][:5]) for each in (await program.get(CALENDAR)).json()["hours"]]
    assert kept == [(0, "09:00"), (0, "13:00"), (1, "09:00"), (5, "10:00")]
    assert (await due(demo_calendar)).astimezone(VIENNA).weekday() in {0, 1, 5}
    async with demo_calendar.across_tenants() as session:
        assert any("calendar.hours" in body for body in await session.scalars(select(AuditRow.body)))


@pytest.mark.usefixtures("demo_calendar")
async def test_each_day_has_labelled_times_for_two_periods_and_for_more_where_programs_set_more(
    browser_of: Visitor, program_of: Visitor
) -> None:
    program, root = await program_of("root"), await browser_of("root")
    spans = [("08:00:00", "10:00:00"), ("11:00:00", "13:00:00"), ("14:00:00", "16:00:00")]
    hours = [{"weekday": 0, "opens": opens, "closes": closes} for opens, closes in spans]
    assert (await program.put(f"{CALENDAR}/hours", json=hours)).status_code == 200
    page = page_of(await root.get("/calendar"))
    days = page.all("fieldset.cs-hours")
    assert [len(each.all("input[type=time]")) for each in days] == [6] + [4] * 6
    for each in days:
        labels = {label["for"]: label.text for label in each.all("label")}
        assert [labels[field["id"]] for field in each.all("input")] == ["From", "Until"] * len(each.all(".cs-period"))
    sent = {name: [field.held or "" for field in page.all(f"[name={name}]")] for name in WEEK}
    assert (await root.post("/calendar/hours", data=sent)).status_code == 303
    assert (await program.get(CALENDAR)).json()["hours"] == hours


@pytest.mark.usefixtures("demo_calendar")
async def test_removing_a_holiday_asks_first(browser_of: Visitor, program_of: Visitor) -> None:
    day = (datetime.now(UTC).date() + timedelta(days=201)).isoformat()
    await (await program_of("root")).put(f"{CALENDAR}/holidays/{day}", json={"name": 'Day of "<b>'})
    page = page_of(await (await browser_of("root")).get("/calendar"))
    button = page.one(f'form[action="/calendar/holidays/{day}/remove"] button')
    assert button["data-confirm"] == 'Remove the holiday “Day of "<b>”?'


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
