"""Every branch of an order: risk, refusal, and the reversal of each step."""

from datetime import timedelta

import pytest

from backend.cases.core.journal import journal_of
from backend.kit.approval import DecisionKind
from backend.kit.progress import Progress
from tests.support.orders import NOTHING_LEFT, STEPS, cancel, end_of, line, opened, reserved, standing
from tests.support.temporal import Desk
from tests.support.watched import Outside


class TestThatGoWell:
    """Orders that are fulfilled."""

    async def test_an_order_is_reserved_charged_shipped_and_confirmed(self, desk: Desk, outside: Outside) -> None:
        case = await opened(desk, line(quantity=2, unit_price="60.00"), line("SHELF-07", 1, "199.90"))
        ended = await desk.ended(case)
        assert (ended.status, ended.outcome, outside.log) == ("completed", "fulfilled", list(STEPS))
        assert end_of(ended)["facts"]["Charged"] == "EUR 319.90"
        assert end_of(ended)["facts"]["Tracking number"].startswith("CS")
        assert await reserved(desk.database) == {"LAMP-01": 2, "SHELF-07": 1}
        assert await standing(desk.database, case) == dict.fromkeys(
            ("inventory", "charge", "shipment", "confirmation"), True
        )

    async def test_its_activity_tells_what_was_reserved_charged_and_shipped(self, desk: Desk) -> None:
        ended = await desk.ended(await opened(desk, line(quantity=2, unit_price="60.00")))
        facts = end_of(ended)["facts"]
        assert facts["Payment"] == f"PAY-{ended.reference}"
        async with desk.database.transaction("default") as session:
            told = [entry.sentence for entry in reversed(await journal_of(session, ended.id)) if entry.actor is None]
        assert told[:3] == [
            "Reserved 2 × LAMP-01.",
            f"Charged EUR 120.00. Payment: PAY-{ended.reference}.",
            f"Shipped to Cem Kaya. Tracking number: {facts['Tracking number']}.",
        ]

    async def test_below_5000_and_to_the_same_address_nobody_looks(self, desk: Desk, outside: Outside) -> None:
        await desk.ended(await opened(desk))
        again = await opened(desk, line(quantity=1, unit_price="4999.99"), address="hafenstraße 3, 4020 LINZ")
        ended = await desk.ended(again)
        review = Progress.model_validate(ended.progress).milestone("review")
        assert (ended.outcome, review.state) == ("fulfilled", "not_needed")

    async def test_a_mail_that_is_refused_holds_no_parcel_up(self, desk: Desk, outside: Outside) -> None:
        outside.refuse.add("send")
        ended = await desk.ended(await opened(desk))
        assert (ended.outcome, outside.log) == ("fulfilled", ["reserve", "charge", "create"])
        assert "does not accept email" in str(ended.attention)


class TestThatAreRisky:
    """Orders staff review them before anything is charged."""

    async def test_from_5000_they_are_released(self, desk: Desk, outside: Outside) -> None:
        case = await opened(desk, line(quantity=1, unit_price="5000.00"))
        assert "EUR 5,000.00 or more" in (await desk.approval(case, "review")).question
        assert outside.log == ["reserve"]
        await desk.answer(case, "review", "olga")
        assert (await desk.ended(case)).outcome == "fulfilled"

    async def test_another_address_than_the_last_order_had_is_looked_at(self, desk: Desk) -> None:
        await desk.ended(await opened(desk))
        case = await opened(desk, address="Am Kai 12, 1010 Wien")
        assert "the address differs" in (await desk.approval(case, "review")).question
        await desk.answer(case, "review", "olga")
        assert (await desk.ended(case)).outcome == "fulfilled"

    async def test_two_orders_at_once_to_a_new_address_are_both_looked_at(self, desk: Desk) -> None:
        await desk.ended(await opened(desk))
        both = [await opened(desk, address="Am Kai 12, 1010 Wien") for _ in range(2)]
        for case in both:
            assert "the address differs" in (await desk.approval(case, "review")).question

    async def test_rejected_they_leave_nothing_behind(self, desk: Desk, outside: Outside) -> None:
        case = await opened(desk, line(quantity=1, unit_price="5000.00"))
        await desk.answer(case, "review", "olga", DecisionKind.REJECT, "This customer never ordered before.")
        ended = await desk.ended(case)
        assert (ended.outcome, outside.log) == ("rejected", ["reserve", "release"])
        assert await reserved(desk.database) == NOTHING_LEFT

    async def test_not_looked_at_in_time_they_expire(self, desk: Desk, outside: Outside) -> None:
        case = await opened(desk, line(quantity=1, unit_price="5000.00"))
        await desk.approval(case, "review")
        await desk.skip(case, timedelta(days=7))
        assert ((await desk.ended(case)).outcome, outside.log) == ("expired", ["reserve", "release"])

    async def test_cancelled_meanwhile_the_question_is_withdrawn(self, desk: Desk, outside: Outside) -> None:
        case = await opened(desk, line(quantity=1, unit_price="5000.00"))
        await desk.approval(case, "review")
        await cancel(desk, case)
        assert ((await desk.ended(case)).outcome, outside.log) == ("cancelled", ["reserve", "release"])
        assert (await desk.approval(case, "review")).state == "withdrawn"


class TestThatAreRefused:
    """Refusals by the business have outcomes of their own."""

    async def test_nothing_in_stock(self, desk: Desk, outside: Outside) -> None:
        ended = await desk.ended(await opened(desk, line("RUG-11", 1)))
        assert (ended.outcome, outside.log) == ("out_of_stock", ["reserve"])

    async def test_an_article_that_nobody_knows(self, desk: Desk, outside: Outside) -> None:
        ended = await desk.ended(await opened(desk, line(), line("NONE-1", 1)))
        assert (ended.outcome, outside.log) == ("unknown_article", ["reserve"])
        assert "NONE-1" in end_of(ended)["sentence"]
        assert await reserved(desk.database) == NOTHING_LEFT

    async def test_a_declined_card(self, desk: Desk, outside: Outside) -> None:
        case = await opened(desk, line(quantity=1, unit_price="25000.01"))
        await desk.answer(case, "review", "olga")
        ended = await desk.ended(case)
        assert (ended.outcome, outside.log) == ("declined", ["reserve", "charge", "release"])
        assert await reserved(desk.database) == NOTHING_LEFT

    @pytest.mark.parametrize(
        ("step", "outcome", "log"),
        [
            ("reserve", "failed", ["release"]),
            ("charge", "failed", ["reserve", "refund", "release"]),
            ("create", "refunded", ["reserve", "charge", "cancel", "refund", "release"]),
        ],
    )
    async def test_refused_for_good_what_was_done_is_undone_in_reverse(
        self, desk: Desk, outside: Outside, step: str, outcome: str, log: list[str]
    ) -> None:
        outside.refuse.add(step)
        case = await opened(desk)
        ended = await desk.ended(case)
        assert (ended.status, ended.outcome, ended.attention) == ("completed", outcome, None)
        assert outside.log == log
        assert not any((await standing(desk.database, case)).values())
        assert await reserved(desk.database) == NOTHING_LEFT

    @pytest.mark.parametrize("undoing", ["refund", "release"])
    async def test_what_cannot_be_undone_stands_open_for_all_to_see(
        self, desk: Desk, outside: Outside, undoing: str
    ) -> None:
        outside.refuse |= {"create", undoing}
        case = await opened(desk)
        ended = await desk.ended(case)
        name = {"refund": "refund payment", "release": "release inventory"}[undoing]
        left = Progress.model_validate(ended.progress).left_open
        assert [(each.what, each.why) for each in left] == [(name, f"No {undoing} today.")]
        assert left[0].key.startswith(case.reference)
        assert name in str(ended.attention)
        assert f"done manually: {name}" in end_of(ended)["sentence"]
        async with desk.database.transaction("default") as session:
            told = [entry.sentence for entry in await journal_of(session, case.id)]
        assert f"This could not be undone automatically: {name}." in told
        assert "The shipment was cancelled." in told
