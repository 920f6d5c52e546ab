"""The rule of a credit check, and the check with a rating that is on time, late or missing."""

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest
from temporalio import exceptions
from temporalio.client import WorkflowFailureError

from backend.cases.lifecycle.withdraw import withdraw
from backend.database.engine import Database
from backend.database.tables import Case
from backend.kit.decision import DecisionKind
from backend.kit.money import Money
from backend.processes import by_key
from backend.services.ratings import PostgresRatings, Rating, RatingAnswer, RatingRequest, Ratings
from backend.workflows.credit_check_workflow import CreditCheck, assess
from tests.support.cast import person
from tests.support.temporal import Desk, Plan


def rating(score: int, limit: str = "1000.00", currency: str = "EUR") -> Rating:
    return Rating(score=score, limit=Money(amount=Decimal(limit), currency=currency))


@pytest.mark.parametrize(
    ("amount", "known", "outcome"),
    [
        ("0.01", rating(60), "granted"),
        ("1000.00", rating(60), "granted"),
        ("1000.00", rating(100), "granted"),
        ("1000.01", rating(100), "needs_review"),
        ("1500.00", rating(100), "needs_review"),
        ("1500.01", rating(100), "refused"),
        ("1000.00", rating(59), "needs_review"),
        ("1000.00", rating(30), "needs_review"),
        ("0.01", rating(29), "refused"),
        ("0.01", rating(0, "9999.00"), "refused"),
        ("10.00", rating(99, currency="USD"), "needs_review"),
        ("10.00", None, "needs_review"),
    ],
)
def test_the_rule(amount: str, known: Rating | None, outcome: str) -> None:
    form = CreditCheck(customer="Nordwerk", amount=Decimal(amount))
    end = assess(form, known)
    assert end.outcome == outcome
    assert end.sentence
    assert ("Score" in end.facts) is (known is not None)


def asked(customer: str = "Nordwerk Möbel GmbH", amount: str = "900.00") -> dict[str, str]:
    return {"customer": customer, "amount": amount, "currency": "EUR"}


@pytest.mark.parametrize(
    ("customer", "outcome"),
    [("  nordwerk   MÖBEL gmbh", "granted"), ("Brandt & Söhne", "refused")],
)
async def test_a_customer_is_found_however_the_name_is_written(desk: Desk, customer: str, outcome: str) -> None:
    case = await desk.open_case("credit_check", asked(customer), "olga")
    ended = await desk.ended(case)
    assert (ended.status, ended.outcome) == ("completed", outcome)
    assert [each["state"] for each in ended.progress["milestones"]] == ["done", "done", "done"]


@pytest.mark.parametrize(
    ("choice", "outcome", "sentence"),
    [
        (DecisionKind.APPROVE, "granted", "Fay Nowak gave Nobody Ltd credit for EUR 900.00."),
        (DecisionKind.REJECT, "refused", "Fay Nowak refused Nobody Ltd credit for EUR 900.00."),
    ],
)
async def test_an_unknown_customer_is_decided_by_a_person_of_finance(
    desk: Desk, choice: DecisionKind, outcome: str, sentence: str
) -> None:
    case = await desk.open_case("credit_check", asked("Nobody Ltd"), "finn")
    approval = await desk.approval(case, "review")
    assert approval.question == "Give Nobody Ltd credit for EUR 900.00?"
    running = await desk.case(case)
    assert running.progress["turn"]["who"] == "Fay Nowak"
    await desk.answer(case, "review", "fay", choice, "We know them.")
    ended = await desk.ended(case)
    assert (ended.status, ended.outcome) == ("completed", outcome)
    assert (ended.result or {})["sentence"] == sentence
    assert [each["state"] for each in ended.progress["milestones"]][-1] == "done"


async def test_a_review_that_nobody_makes_leaves_the_question_open(desk: Desk, planned: Plan) -> None:
    planned(review_deadline=timedelta(seconds=1), review_due=timedelta(seconds=1), review_reminder=None)
    case = await desk.open_case("credit_check", asked("Nobody Ltd"), "olga")
    ended = await desk.ended(case)
    assert (ended.status, ended.outcome) == ("completed", "needs_review")
    assert "A person has to decide" in (ended.result or {})["sentence"]


async def test_a_check_that_is_withdrawn_while_a_person_reviews_it_ends(desk: Desk) -> None:
    case = await desk.open_case("credit_check", asked("Nobody Ltd"), "olga")
    await desk.approval(case, "review")
    olga = await person(desk.database, "olga")
    await withdraw(desk.database, by_key(), case.reference, "Not needed any more.", by=olga)
    ended = await desk.ended(case)
    assert (ended.status, ended.outcome) == ("completed", "recalled")


async def remote_look_ups(desk: Desk, case: Case) -> int:
    """The number of calls to the activity workers."""
    history = await desk.handle(case).fetch_history()
    return sum(event.HasField("activity_task_scheduled_event_attributes") for event in history.events)


async def test_a_rating_that_is_there_at_once_is_looked_up_beside_the_workflow(desk: Desk) -> None:
    ended = await desk.ended(await desk.open_case("credit_check", asked(), "olga"))
    assert (ended.outcome, await remote_look_ups(desk, ended)) == ("granted", 0)


class FalteringRatings(PostgresRatings):
    """A rating agency whose first response is an error."""

    failed = False

    async def look_up(self, request: RatingRequest) -> RatingAnswer:
        if not self.failed:
            self.failed = True
            raise ConnectionError
        return await super().look_up(request)


class TestWithABureauThatFalters:
    """The activity workers try again."""

    @pytest.fixture
    def ratings(self, database: Database) -> Ratings:
        return FalteringRatings(database)

    async def test_a_bureau_that_does_not_answer_at_once_is_asked_again_with_patience(self, desk: Desk) -> None:
        ended = await desk.ended(await desk.open_case("credit_check", asked(), "olga"))
        assert (ended.outcome, await remote_look_ups(desk, ended)) == ("granted", 1)
        assert [each["state"] for each in ended.progress["milestones"]] == ["done", "done", "done"]


class SilentRatings(PostgresRatings):
    """A rating agency that never responds."""

    async def look_up(self, request: RatingRequest) -> RatingAnswer:
        await asyncio.Event().wait()
        raise AssertionError("it never answers")


class TestWithABureauThatNeverAnswers:
    """The caller still gets an answer."""

    @pytest.fixture
    def ratings(self, database: Database) -> Ratings:
        return SilentRatings(database)

    async def test_a_rating_that_does_not_come_leaves_the_question_to_people(self, desk: Desk, planned: Plan) -> None:
        planned(rating_within=timedelta(seconds=1))
        case = await desk.open_case("credit_check", asked(), "finn")
        await desk.answer(case, "review", "fay")
        ended = await desk.ended(case)
        assert (ended.status, ended.outcome) == ("completed", "granted")
        assert [each["state"] for each in ended.progress["milestones"]] == ["done", "failed", "done", "done"]

    async def test_a_cancelled_check_ends_as_cancelled(self, desk: Desk) -> None:
        case = await desk.open_case("credit_check", asked(), "finn")
        await desk.started(case)
        await desk.handle(case).cancel()
        with pytest.raises(WorkflowFailureError) as ended:
            await desk.handle(case).result()
        assert isinstance(ended.value.cause, exceptions.CancelledError)
        assert (await desk.ended(case)).status == "cancelled"

    async def test_after_its_time_limit_nobody_needs_the_answer(self, desk: Desk, planned: Plan) -> None:
        planned(time_limit=timedelta(seconds=1))
        case = await desk.open_case("credit_check", asked(), "finn")
        await desk.started(case)
        with pytest.raises(WorkflowFailureError) as ended:
            await desk.handle(case).result()
        assert isinstance(ended.value.cause, exceptions.TimeoutError)
