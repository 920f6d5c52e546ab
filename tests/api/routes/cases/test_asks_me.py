"""The case page links approvers, and nobody else, to their approval, and shows when it is overdue."""

from datetime import UTC, datetime, timedelta

from backend.cases.tracking.case_status import CaseStatus
from backend.database.engine import Database
from backend.kit.approval import ALL
from backend.kit.progress import Progress, Turn
from tests.support.approvals import asked_about
from tests.support.conditions import eventually
from tests.support.html import page_of, said_in, source_of
from tests.support.links import link_for
from tests.support.web import Visitor

SENTENCE = "This needs your approval."


async def test_who_is_asked_is_led_from_the_case_to_the_answer(database: Database, browser_of: Visitor) -> None:
    case, approval = await asked_about(database, needed=ALL)
    page, answer = f"/cases/{case.reference}", f"/approvals/{approval.approval_id}"
    ann, finn, fay, root = [await browser_of(name) for name in ("ann", "finn", "fay", "root")]
    for asked in (finn, fay):
        shown = page_of(await asked.get(page))
        assert SENTENCE in shown.text
        assert shown.one(f'a.btn-primary[href="{answer}"]').text == "Review"
    for not_asked in (ann, root):
        assert SENTENCE not in source_of(await not_asked.get(page))
    assert (await finn.post(f"{answer}/decision", data={"version": "1", "decision": "approve"})).status_code == 303
    assert SENTENCE not in source_of(await finn.get(page)), "who has answered is not asked again"
    assert SENTENCE in said_in(await fay.get(page))
    assert (await fay.post(f"{answer}/decision", data={"version": "1", "decision": "approve"})).status_code == 303
    assert SENTENCE not in source_of(await fay.get(page))


async def test_a_turn_that_is_overdue_says_so(database: Database, browser_of: Visitor) -> None:
    ann = await browser_of("ann")
    for asked_at, overdue in ((datetime.now(UTC) - timedelta(days=2), True), (datetime.now(UTC), False)):
        case, _ = await asked_about(database, asked_at=asked_at)
        for page in (f"/cases/{case.reference}", f"/cases/{case.reference}/status"):
            assert ("Overdue since" in said_in(await ann.get(page))) is overdue


async def test_a_personal_link_that_is_overdue_says_so(database: Database, browser_of: Visitor) -> None:
    _, _, personal = await link_for(database, asked_at=datetime.now(UTC) - timedelta(days=2))
    assert "Overdue since" in said_in(await (await browser_of("")).get(personal))


async def test_becoming_overdue_is_news_to_who_watches() -> None:
    until = datetime.now(UTC) + timedelta(seconds=1)
    progress = Progress(milestones=[], turn=Turn(who="Finn", since=until, until=until, rule="", if_nobody=""))
    status = CaseStatus(progress, until, stale=False, over=False)
    assert not status.overdue
    before = status.tag

    async def overdue() -> bool:
        return status.overdue

    await eventually(overdue)
    assert status.tag != before
