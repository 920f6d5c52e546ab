"""Extreme dates and numbers are refused with a plain message and never cause a server error."""

import base64
import json
from collections.abc import Sequence
from http import HTTPStatus
from uuid import uuid4

import httpx2
import pytest

from backend.database.engine import Database
from backend.kit.approval import DecisionKind
from tests.support.approvals import answered, asked_about
from tests.support.articles import article
from tests.support.html import page_of, said_in
from tests.support.people import onboarding
from tests.support.purchases import purchase
from tests.support.web import Visitor

FIRST, LAST = "0001-01-01", "9999-12-31"
BEFORE_ALL, AFTER_ALL = f"{FIRST}T00:00:00+14:00", f"{LAST}T23:59:59-10:00"


def forged(*parts: str) -> str:
    """A forged cursor."""
    return base64.urlsafe_b64encode(json.dumps([*parts, str(uuid4())]).encode()).decode()


def refused(answer: httpx2.Response) -> bool:
    """Whether it was refused as invalid input."""
    return answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY


@pytest.mark.parametrize("path", ["cases", "articles", "notifications", "deliveries"])
@pytest.mark.parametrize("moment", [BEFORE_ALL, AFTER_ALL, "2026-01-01T00:00:00", "yesterday"])
async def test_a_page_that_begins_at_no_moment_is_refused(program_of: Visitor, path: str, moment: str) -> None:
    root = await program_of("root")
    assert refused(await root.get(f"/api/v1/{path}", params={"after": forged(moment)}))


@pytest.mark.parametrize("tab", ["mine", "all"])
@pytest.mark.parametrize(
    ("sort", "place"),
    [
        ("amount", [str(10**30)]),
        ("priority", [str(10**12), f"{LAST}T00:00:00+00:00"]),
        ("due", [BEFORE_ALL]),
        ("due", ["2026-01-01T00:00:00"]),
    ],
)
async def test_a_page_of_approvals_that_begins_nowhere_is_refused(
    database: Database, program_of: Visitor, tab: str, sort: str, place: Sequence[str]
) -> None:
    await asked_about(database)
    finn = await program_of("finn")
    where = {"list": tab, "sort": sort, "after": forged(tab, sort, *place)}
    assert refused(await finn.get("/api/v1/approvals", params=where))


@pytest.mark.parametrize("days", [{"since": FIRST, "until": LAST}, {"since": LAST}, {"until": FIRST}])
async def test_the_audit_trail_of_any_days_can_be_asked_for(
    program_of: Visitor, browser_of: Visitor, days: dict[str, str]
) -> None:
    program, browser = await program_of("root"), await browser_of("root")
    assert (await program.get("/api/v1/audit", params=days)).status_code == HTTPStatus.OK
    assert (await browser.get("/audit", params=days)).status_code == HTTPStatus.OK


@pytest.mark.parametrize("days", [(FIRST, FIRST), (LAST, LAST), (FIRST, LAST)])
async def test_nobody_stands_in_at_the_end_of_the_calendar(program_of: Visitor, days: tuple[str, str]) -> None:
    finn = await program_of("finn")
    first, last = days
    body = {"substitute": "fay", "first_day": first, "last_day": last}
    assert refused(await finn.post("/api/v1/people/me/substitutes", json=body))


@pytest.mark.parametrize(
    ("process", "form", "who", "words"),
    [
        ("purchase_approval", purchase(needed_by=LAST), "ann", "hundred years"),
        ("employee_onboarding", onboarding(start_date=LAST), "hugo", "hundred years"),
        ("article_publication", article(publish_at=AFTER_ALL), "edda", "hundred years"),
        ("article_publication", article(publish_at=BEFORE_ALL), "edda", "still to come"),
    ],
)
async def test_what_is_to_happen_in_a_century_is_a_slip_of_the_pen(
    program_of: Visitor, process: str, form: dict[str, object], who: str, words: str
) -> None:
    client = await program_of(who)
    path, key = f"/api/v1/processes/{process}/cases", {"idempotency-key": str(uuid4())}
    answer = await client.post(path, json=form, headers=key)
    assert refused(answer)
    assert words in answer.json()["detail"]


@pytest.mark.parametrize("moment", [f"{LAST}T23:59", f"{LAST}T23:59:59Z", AFTER_ALL, BEFORE_ALL])
async def test_a_form_with_such_a_moment_is_drawn_and_explained(browser_of: Visitor, moment: str) -> None:
    edda, given = await browser_of("edda"), {"publish_at": moment}
    assert (await edda.get("/processes/article_publication/start", params=given)).status_code == HTTPStatus.OK
    asked = {"process": "article_publication", **given}
    assert (await edda.get("/approvals/policy/explain", params=asked)).status_code == HTTPStatus.OK


async def test_lines_that_come_to_more_than_can_be_counted_are_refused(program_of: Visitor) -> None:
    client, key = await program_of("ann"), {"idempotency-key": str(uuid4())}
    line = {"description": "Desk", "quantity": 100_000, "unit_price": "9999999999.99"}
    answer = await client.post("/api/v1/processes/purchase_approval/cases", json=purchase(items=[line]), headers=key)
    assert refused(answer), answer.text
    assert answer.json()["errors"][0]["pointer"] == "/items"


@pytest.mark.parametrize("version", ["9" * 9, "9" * 10, "9" * 19, "9" * 4000, "٩" * 12], ids=len)
async def test_a_version_that_no_page_shows_is_out_of_date(
    database: Database, browser_of: Visitor, version: str
) -> None:
    _, asked = await asked_about(database, correctable=("cost_centre",))
    back, returned = await asked_about(database)
    await answered(database, returned, "finn", DecisionKind.SEND_BACK)
    finn, here = await browser_of("finn"), f"/approvals/{asked.approval_id}"
    pages = [
        (finn, here, {"decision": "approve"}),
        (finn, f"{here}/correct", {}),
        (await browser_of("root"), f"{here}/override", {"verdict": "approve", "words": "because"}),
        (await browser_of("ann"), f"/cases/{back.reference}/amend", {"send": "1"}),
    ]
    for person, page, given in pages:
        form = page_of(await person.get(page)).one("main form:has([name=version])")
        typed = {name: value for name, value in form.fields.items() if not name.endswith("_upload")}
        answer = await person.post(form["action"], data={**typed, **given, "version": version})
        assert answer.status_code == HTTPStatus.CONFLICT, f"{page}: {said_in(answer)}"
    picked = await finn.post("/approvals/bulk", data={"pick": f"{asked.approval_id}:{version}"})
    assert picked.status_code == HTTPStatus.SEE_OTHER
