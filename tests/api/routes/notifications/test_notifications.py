"""Notifications, their counter, and email settings. A GET request changes nothing."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import httpx2
import pytest
from fastapi import FastAPI
from sqlalchemy import text, update

from backend.cases.notifications import links
from backend.cases.notifications.notify import notify
from backend.database.engine import Database
from backend.database.tables import EmailPreference, Notification
from backend.i18n.formats import day
from backend.kit.approval import DecisionKind
from backend.kit.notification import NotificationEvent
from tests.support.approvals import answered, asked_about
from tests.support.html import page_of, said_in
from tests.support.outbox import a_case
from tests.support.purchases import purchase
from tests.support.web import Visitor

VIENNA = ZoneInfo("Europe/Vienna")


async def unread(client: httpx2.AsyncClient) -> int:
    """The unread count; bell, list and REST agree on it."""
    bell = page_of(await client.get("/notifications/status"))
    count = int(bell.one("#bell .cs-count").text) if bell.has("#bell .cs-count") else 0
    listed = page_of(await client.get("/notifications"))
    assert len(listed.all(".is-unread")) == count
    rest = (await client.get("/api/v1/notifications?unread=true")).json()
    assert (len(rest["items"]), rest["unread"]) == (count, count)
    return count


async def test_counter_and_list_agree_and_looking_at_them_reads_nothing(
    database: Database, browser_of: Visitor
) -> None:
    for _ in range(3):
        await asked_about(database)
    finn = await browser_of("finn")
    assert [await unread(finn) for _ in range(3)] == [3, 3, 3]


async def test_opening_one_goes_to_its_page_and_reads_it_and_nobody_elses(
    database: Database, browser_of: Visitor
) -> None:
    _, approval = await asked_about(database)
    await asked_about(database)
    finn, fay = await browser_of("finn"), await browser_of("fay")
    items = (await finn.get("/api/v1/notifications")).json()["items"]
    older = items[-1]
    answer = await finn.post(f"/notifications/{older['id']}/open")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/approvals/{approval.approval_id}")
    assert (await unread(finn), await unread(fay)) == (1, 2)
    assert (await fay.post(f"/notifications/{older['id']}/open")).status_code == 404
    assert (await finn.post("/notifications/read")).status_code == 303
    assert (await unread(finn), await unread(fay)) == (0, 2)


async def test_the_title_is_a_link_and_its_page_reads_the_notification(database: Database, browser_of: Visitor) -> None:
    _, approval = await asked_about(database)
    finn = await browser_of("finn")
    (link,) = [each for each in page_of(await finn.get("/notifications")).links if "/approvals/" in each]
    assert link == f"/approvals/{approval.approval_id}"
    assert await unread(finn) == 1
    assert (await finn.get(link)).status_code == 200
    assert await unread(finn) == 0


async def test_the_next_one_is_the_newest_unread_and_a_closed_one_shows_how_it_ended(
    database: Database, browser_of: Visitor
) -> None:
    await asked_about(database, purchase(title="The first"))
    _, second = await asked_about(database, purchase(title="The second"))
    fay = await browser_of("fay")
    await answered(database, second, "finn", DecisionKind.REJECT)
    assert await unread(fay) == 1
    page = page_of(await fay.get("/notifications"))
    assert "The first needs your approval" in page.text
    assert "The second" not in page.source
    assert "Rejected" in said_in(await fay.get("/notifications?show=all"))


async def test_pages_of_the_list_hold_each_line_once(database: Database, browser_of: Visitor) -> None:
    case = await a_case(database)
    async with database.transaction("default") as session:
        for number in range(120):
            await notify(session, case, NotificationEvent.ANSWERED, ["finn"], key=str(number), note=f"No {number}.")
    finn = await browser_of("finn")
    seen: list[str] = []
    after = ""
    while after is not None:
        page = (await finn.get("/api/v1/notifications", params={"after": after, "limit": 50})).json()
        seen += [item["note"] for item in page["items"]]
        after = page["next"]
    assert seen == [f"No {number}." for number in reversed(range(120))]
    assert (await finn.get("/notifications?after=nonsense")).status_code == 422
    assert (await finn.get("/notifications?after=WyJhIiwgImIiXQ==")).status_code == 422


async def test_the_list_is_grouped_by_the_days_of_the_person(database: Database, browser_of: Visitor) -> None:
    case = await a_case(database)
    now = datetime.now(VIENNA)
    midnight = datetime.combine(now.date(), time(), VIENNA)
    moments = {"now": now, "late": midnight - timedelta(minutes=1), "noon": midnight - timedelta(hours=12)}
    moments["old"] = midnight - timedelta(days=30)
    async with database.transaction("default") as session:
        for note in moments:
            await notify(session, case, NotificationEvent.ANSWERED, ["finn"], key=note, note=note)
        for note, at in moments.items():
            await session.execute(update(Notification).where(Notification.note == note).values(at=at))
    page = page_of(await (await browser_of("finn")).get("/notifications"))
    heads = [head.text for head in page.all("#rows h2")]
    lists = [[note.text for note in day_list.all(".cs-said")] for day_list in page.all("#rows ul")]
    assert heads[:2] == ["Today", "Yesterday"]
    assert heads[2] == day(moments["old"].date())
    assert lists == [["now"], ["late", "noon"], ["old"]]


async def test_hostile_words_are_words_in_the_list(database: Database, browser_of: Visitor) -> None:
    await asked_about(database, purchase(title='<img src=x onerror="alert(1)"> {{ 7*7 }}'))
    page = page_of(await (await browser_of("finn")).get("/notifications"))
    assert '<img src=x onerror="alert(1)">' in page.text
    assert not page.has("img[onerror]")
    assert "{{ 7*7 }}" in page.text


async def test_wishes_are_kept_and_shown_again(database: Database, browser_of: Visitor) -> None:
    finn = await browser_of("finn")
    form = {"daily": "yes", "daily_at": "07:30", "quiet_from": "22:00", "quiet_until": "07:00"}
    for _ in range(2):
        assert (await finn.post("/notifications/preferences", data=form)).status_code == 303
    page = page_of(await finn.get("/notifications/preferences"))
    assert {
        name: page.one(f"main [name={name}]:checked, main [name={name}]:not([type=radio])").held for name in form
    } == form
    async with database.transaction("default") as session:
        kept = await session.get_one(EmailPreference, "finn")
        assert (kept.daily, kept.daily_at, kept.quiet_from) == (True, time(7, 30), time(22))


@pytest.mark.parametrize(
    "form", [{"quiet_from": "22:00"}, {"quiet_until": "07:00"}, {"quiet_from": "x", "quiet_until": "7:00pm"}]
)
async def test_half_of_the_quiet_hours_and_a_time_that_is_none_are_refused(
    database: Database, browser_of: Visitor, form: dict[str, str]
) -> None:
    answer = await (await browser_of("finn")).post("/notifications/preferences", data=form)
    assert answer.status_code == 422
    async with database.transaction("default") as session:
        kept = await session.scalar(text("SELECT count(*) FROM mail_preferences WHERE quiet_from IS NOT NULL"))
        assert kept == 0


async def test_links_of_mails_are_the_addresses_that_the_web_has(app: FastAPI) -> None:
    approval_id = "01890000-0000-7000-8000-000000000000"
    named = app.url_path_for
    assert links.approval_page(approval_id) == named("approvals:show", approval_id=approval_id)
    assert links.answer_page("x") == named("answers:show", token="x")
    assert links.case_page("PUR-000001") == named("cases:show", reference="PUR-000001")
    assert named("notifications:list") == links.NOTIFICATIONS
    assert named("notifications:preferences") == links.PREFERENCES


async def test_a_link_in_a_mail_survives_the_sign_in(database: Database, browser_of: Visitor) -> None:
    case, approval = await asked_about(database)
    stranger = await browser_of("")
    link = f"/approvals/{approval.approval_id}"
    answer = await stranger.get(link)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/login?next={link.replace('/', '%2F')}")
    page = await stranger.get(answer.headers["location"])
    assert page_of(page).one("[name=next]").held == link
    finn = await browser_of("finn")
    assert case.title in said_in(await finn.get(link))
