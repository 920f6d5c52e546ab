"""Small posted forms: a repeated field and a file in place of text are refused, and nothing changes."""

from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from backend.api.routes.core.form_tokens import SIGN_IN, FormTokens
from backend.database.engine import Database
from tests.support.html import page_of, said_in
from tests.support.outbox import a_case
from tests.support.web import SECRET, Visitor

DAY = (datetime.now(UTC) + timedelta(days=3)).date().isoformat()
FORMS = {
    "/theme": {"theme": "dark", "back": "/"},
    "/language": {"language": "auto", "back": "/"},
    "/calendar/holidays": {"day": DAY, "name": "Founding day"},
    "/notifications/preferences": {"daily": "yes", "daily_at": "07:30"},
    "/deliveries/links": {"allowed": "yes"},
    "/people/eve": {"active": "1", "manager": "mona"},
    "/people/me/substitutes": {"person": "olga", "first_day": DAY, "last_day": DAY, "up_to": "10"},
    "/cases/{reference}/comments": {"text": "Hello."},
    "/cases/{reference}/recall": {"reason": "No longer needed."},
}
SINGLE = [(path, field) for path, fields in FORMS.items() for field in fields]
LISTS = [("/calendar/hours", "monday"), ("/people/eve", "groups")]


async def prepared(path: str, database: Database, browser_of: Visitor) -> tuple[httpx2.AsyncClient, str]:
    """An administrator, and the address filled in with an existing case."""
    case = await a_case(database)
    return await browser_of("root"), path.format(reference=case.reference)


@pytest.mark.parametrize(("path", "field"), SINGLE)
async def test_a_single_field_sent_twice_is_refused(
    database: Database, browser_of: Visitor, path: str, field: str
) -> None:
    root, where = await prepared(path, database, browser_of)
    fields = FORMS[path]
    answer = await root.post(where, data={**fields, field: [fields[field], fields[field]]})
    assert (answer.status_code, "more than once" in said_in(answer)) == (422, True)


@pytest.mark.parametrize(("path", "field"), SINGLE + LISTS)
async def test_a_file_in_place_of_text_is_no_defect(
    database: Database, browser_of: Visitor, path: str, field: str
) -> None:
    root, where = await prepared(path, database, browser_of)
    others = {name: value for name, value in FORMS.get(path, {}).items() if name != field}
    answer = await root.post(where, data=others, files={field: ("a.txt", b"text", "text/plain")})
    assert answer.status_code == 422


async def test_a_password_sent_twice_is_refused(browser_of: Visitor) -> None:
    form = {"name": "ann", "password": ["a", "b"], "form_token": FormTokens([SECRET]).new(SIGN_IN)}
    assert (await (await browser_of("")).post("/login", data=form)).status_code == 422


async def test_lists_are_sent_with_any_number_of_values(browser_of: Visitor) -> None:
    root, mona = await browser_of("root"), await browser_of("mona")
    try:
        both = {"active": "1", "groups": ["orders", "employees"]}
        assert (await root.post("/people/eve", data=both)).status_code == 303
        page = page_of(await root.get("/people/eve"))
        assert {each["value"] for each in page.all("[name=groups]:checked")} == {"orders", "employees"}
    finally:
        await root.post("/people/eve", data={"active": "1"})
    form = {"q": "olg", "find": "1", "processes": ["purchase_approval", "leave_request"]}
    page = page_of(await mona.post("/people/me/substitutes", data=form))
    assert len(page.all("[name=processes]")) >= 1


async def test_settings_that_are_refused_are_kept_with_the_error_at_their_field(browser_of: Visitor) -> None:
    hugo = await browser_of("hugo")
    form = {"daily": "yes", "daily_at": "06:15", "quiet_from": "22:00", "quiet_until": ""}
    answer = await hugo.post("/notifications/preferences", data=form)
    page = page_of(answer)
    assert (answer.status_code, page.one("#quiet_until-error").text) == (
        422,
        "Quiet hours need both a start and an end.",
    )
    held = {name: page.one(f"main [name={name}]:checked, main [name={name}]:not([type=radio])").held for name in form}
    assert held == form
    unreadable = page_of(await hugo.post("/notifications/preferences", data={**form, "daily_at": "soon"}))
    assert unreadable.one("#daily_at-error").text == "Enter a time, such as 22:00."
    for odd in ("9" * 400, "22:00+01:00", "٢٢:٠٠", "\x00"):
        again = await hugo.post("/notifications/preferences", data={**form, "daily_at": odd})
        assert again.status_code == 422, odd


async def test_a_person_change_that_is_refused_is_kept(browser_of: Visitor) -> None:
    root = await browser_of("root")
    answer = await root.post("/people/root", data={"active": "1", "groups": ["employees"], "manager": "mona"})
    page = page_of(answer)
    assert answer.status_code == 422
    assert [each["value"] for each in page.all("[name=groups]:checked")] == ["employees"]
    assert page.one("[name=manager] option[selected]")["value"] == "mona"


async def test_a_reason_that_is_too_long_is_kept_with_its_error(database: Database, browser_of: Visitor) -> None:
    case, ann = await a_case(database), await browser_of("ann")
    answer = await ann.post(f"/cases/{case.reference}/recall", data={"reason": "x" * 1001})
    page = page_of(answer)
    assert (answer.status_code, page.one("#reason-error").text) == (422, "A reason can have up to 1,000 characters.")
    assert page.one("[name=reason]").held == "x" * 1001
