"""Who is notified of what over the life of a case, in the app and by email."""

import pytest
from sqlalchemy import select, text, update

from backend.cases.approvals.assign.claim import claim, release
from backend.cases.approvals.decide.timers import DeadlineReached, TimerFired, close_approval, escalate, remind
from backend.cases.approvals.request.open_approval import OpenedApproval
from backend.cases.lifecycle.report import Report
from backend.cases.lifecycle.withdraw import withdraw
from backend.cases.lifecycle.workflow_writes import WorkflowWrites
from backend.database.engine import Database
from backend.database.tables import Case, Delivery, Notification, Person
from backend.kit.approval import ApprovalState, DecisionKind
from backend.kit.case import CaseEnd
from backend.kit.progress import Progress
from backend.processes import by_key
from tests.support.approvals import act_on, answered, asked_about
from tests.support.cast import person
from tests.support.purchases import purchase

TITLE = "Standing desks"


async def heard(database: Database, event: str) -> dict[str, str]:
    """Who was notified of this event, and how; emails go to the same people."""
    async with database.across_tenants() as session:
        rows = list(await session.scalars(select(Notification).where(Notification.event == event)))
        mailed = list(await session.scalars(select(Delivery.person_id).where(Delivery.event == event)))
    assert sorted(mailed) == sorted(row.person_id for row in rows)
    return {row.person_id: row.headline + (f" | {row.note}" if row.note else "") for row in rows}


async def asked_finance(database: Database, title: str = TITLE) -> tuple[Case, OpenedApproval]:
    return await asked_about(database, purchase(title=title), escalate_to=("group:managers",))


def timer(approval: OpenedApproval) -> TimerFired:
    return TimerFired(tenant="default", approval_id=approval.approval_id)


async def test_everybody_who_can_answer_hears_of_a_request_and_its_reminder_once(database: Database) -> None:
    _, approval = await asked_finance(database)
    assert set(await heard(database, "requested")) == {"finn", "fay"}
    assert [await remind(database, timer(approval)) for _ in range(2)] == [True, False]
    assert await heard(database, "reminded") == dict.fromkeys(("finn", "fay"), f"Reminder: {TITLE} needs your approval")


async def test_whoever_worked_on_it_hears_who_took_it_over_unless_they_had_released_it(database: Database) -> None:
    _, approval = await asked_finance(database)
    finn, fay = await person(database, "finn"), await person(database, "fay")
    for _ in range(2):
        await act_on(database, approval.approval_id, finn, claim)
    assert await heard(database, "taken_over") == {}
    for _ in range(2):
        await act_on(database, approval.approval_id, fay, claim)
    assert await heard(database, "taken_over") == {"finn": f"Fay Nowak took over {TITLE} from you"}
    await act_on(database, approval.approval_id, fay, release)
    await act_on(database, approval.approval_id, finn, claim)
    assert set(await heard(database, "taken_over")) == {"finn"}
    await act_on(database, approval.approval_id, fay, claim)
    async with database.across_tenants() as session:
        times = await session.scalars(select(Notification.event).where(Notification.person_id == "finn"))
        assert list(times).count("taken_over") == 2


async def test_an_escalation_reaches_the_new_people_and_those_who_were_asked_before(database: Database) -> None:
    _, approval = await asked_finance(database)
    assert [await escalate(database, timer(approval)) for _ in range(2)] == [True, False]
    found = await heard(database, "escalated")
    assert set(found) == {"finn", "fay", "mona"}
    assert found["mona"].endswith("You can decide it now as well.")
    assert found["finn"].endswith("Mona Lind can decide now as well.")


@pytest.mark.parametrize(
    ("choice", "event", "words"),
    [
        (DecisionKind.APPROVE, "decided", "was approved by Finn Aalto | because"),
        (DecisionKind.REJECT, "decided", "was rejected by Finn Aalto | because"),
        (DecisionKind.SEND_BACK, "sent_back", "needs changes | because"),
    ],
)
async def test_the_requester_hears_the_verdict_and_why(
    database: Database, choice: DecisionKind, event: str, words: str
) -> None:
    _, approval = await asked_finance(database)
    await answered(database, approval, "finn", choice)
    assert await heard(database, event) == {"ann": f"{TITLE} {words}"}


async def test_a_deadline_tells_the_requester_that_nobody_answered(database: Database) -> None:
    _, approval = await asked_finance(database)
    expiry = DeadlineReached(tenant="default", approval_id=approval.approval_id, verdict=ApprovalState.EXPIRED)
    for _ in range(2):
        await close_approval(database, expiry)
    assert await heard(database, "decided") == {"ann": f"{TITLE} was not decided in time"}


async def test_a_recall_tells_those_who_were_asked_and_not_who_recalled(database: Database) -> None:
    case, _ = await asked_finance(database)
    for _ in range(2):
        await withdraw(
            database, by_key(), case.reference, "Found some in the cellar.", by=await person(database, "ann")
        )
    assert await heard(database, "recalled") == dict.fromkeys(
        ("finn", "fay"), f"{TITLE} was withdrawn | Found some in the cellar."
    )
    assert await heard(database, "decided") == {}


async def test_the_requester_is_notified_of_the_end_and_with_administrators_of_what_needs_attention(
    database: Database,
) -> None:
    case, _ = await asked_finance(database)
    words = "Somebody has to release the budget by hand."
    news = Report(tenant="default", case_id=case.id, progress=Progress(milestones=[]), attention=words)
    for _ in range(2):
        await WorkflowWrites(database).report(news)
    end = CaseEnd(outcome="order_failed", sentence="The order failed.")
    await WorkflowWrites(database).report(news.model_copy(update={"end": end}))
    notice = f"{TITLE} needs attention | {words}"
    assert await heard(database, "attention") == {"ann": notice, "root": notice}
    assert await heard(database, "ended") == {"ann": f"{TITLE} has ended | The order failed."}


async def test_when_nobody_can_decide_the_requester_and_administrators_are_notified(database: Database) -> None:
    async with database.across_tenants() as session:
        await session.execute(update(Person).where(Person.id.in_(["finn", "fay"])).values(active=False))
    await asked_finance(database)
    assert await heard(database, "requested") == {"mona": f"{TITLE} needs your approval"}, "it is escalated at once"
    assert set(await heard(database, "attention")) == {"ann", "root"}


async def test_what_asked_for_an_answer_counts_as_read_once_somebody_answered(database: Database) -> None:
    _, approval = await asked_finance(database)
    unread = text("SELECT count(*) FROM notifications WHERE read_at IS NULL AND event = 'requested'")
    async with database.across_tenants() as session:
        assert await session.scalar(unread) > 0
    await answered(database, approval, "finn", DecisionKind.APPROVE)
    async with database.across_tenants() as session:
        assert await session.scalar(unread) == 0


async def test_a_title_with_line_breaks_and_marks_that_turn_the_text_around_stays_one_line(database: Database) -> None:
    case, _ = await asked_finance(database, title="Desks\r\nBcc: eve@example.com\u2028\u202egnp")
    assert (await heard(database, "requested"))["finn"] == "Desks Bcc: eve@example.com gnp needs your approval"
    async with database.across_tenants() as session:
        assert "\r\n" in (await session.get_one(Case, case.id)).title
