"""Every branch of an order: what is risky, what is missing, what is refused, and the way back from each step."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from backend.activities.core.services import Services
from backend.cases.acting import act
from backend.cases.journal import story
from backend.cases.recalling import recall
from backend.database.engine import Database
from backend.database.tables import Case, Effect, StockItem
from backend.kit.action import NoInput
from backend.kit.approval import Choice
from backend.kit.progress import Progress
from backend.processes import by_key
from backend.services.keyed import Keyed, Refused
from tests.support.cast import person
from tests.support.conditions import eventually
from tests.support.orders import line, order
from tests.support.temporal import Desk

STEPS = ("reserve", "charge", "create", "send")
UNDOING = {"release", "refund", "cancel"}
WAY_BACK = {
    "reserve": ["release"],
    "charge": ["refund", "release"],
    "create": ["cancel", "refund", "release"],
    "send": ["cancel", "refund", "release"],
}
NOTHING_LEFT = {"LAMP-01": 0, "SHELF-07": 0}


@dataclass
class Outside:
    """The ports to the world outside, with what was asked of them in order; a call can be refused or fail."""

    log: list[str] = field(default_factory=list)
    refuse: set[str] = field(default_factory=set)
    away: set[str] = field(default_factory=set)

    def over(self, port: Any) -> Any:
        """The port with this between."""
        return Between(self, port)


class Between:
    """Notes each call, then passes it on."""

    def __init__(self, outside: Outside, port: Any) -> None:
        self._outside, self._port = outside, port

    def __getattr__(self, name: str) -> Callable[[Keyed], Any]:
        async def call(request: Keyed) -> Any:
            if name in self._outside.away:
                self._outside.log.append(f"{name}?")
                raise ConnectionError(name)
            if name in self._outside.refuse:
                raise Refused(f"No {name} today.")
            result = await getattr(self._port, name)(request)
            self._outside.log.append(name)
            return result

        return call


@pytest.fixture
def outside() -> Outside:
    """Everything works."""
    return Outside()


@pytest.fixture
def services(services: Services, outside: Outside) -> Services:
    """The ports, watched."""
    names = ("inventory", "payments", "shipping", "confirmations")
    return replace(services, **{name: outside.over(getattr(services, name)) for name in names})


async def opened(desk: Desk, *lines: dict[str, Any], **changes: Any) -> Case:
    return await desk.open_case("order_fulfillment", order(*lines, **changes), "ann")


async def reserved(database: Database) -> dict[str, int]:
    async with database.transaction("default") as session:
        rows = await session.scalars(select(StockItem).where(StockItem.sku.in_(NOTHING_LEFT)))
        return {item.sku: item.reserved for item in rows}


async def standing(database: Database, case: Case) -> dict[str, bool]:
    """The effects of a case by step: whether each still stands."""
    async with database.transaction("default") as session:
        rows = await session.scalars(select(Effect).where(Effect.key.startswith(case.reference)))
        return {row.key.split(":")[1]: row.undone_at is None for row in rows}


async def asked_outside(outside: Outside, name: str) -> None:
    async def find() -> bool:
        return name in outside.log

    await eventually(find)


async def cancel(desk: Desk, case: Case) -> None:
    await recall(desk.database, by_key(), case.reference, "Changed my mind.", by=await person(desk.database, "ann"))


def end_of(case: Case) -> dict[str, Any]:
    assert case.result is not None
    return case.result


class TestThatGoWell:
    """Orders that arrive."""

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
        assert "takes no mail" in str(ended.attention)


class TestThatAreRisky:
    """Orders staff look at them before anything is charged."""

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
        await desk.answer(case, "review", "olga", Choice.REJECT, "This customer never ordered before.")
        ended = await desk.ended(case)
        assert (ended.outcome, outside.log) == ("rejected", ["reserve", "release"])
        assert await reserved(desk.database) == NOTHING_LEFT

    async def test_not_looked_at_in_time_they_expire(self, desk: Desk, outside: Outside) -> None:
        case = await opened(desk, line(quantity=1, unit_price="5000.00"))
        await desk.approval(case, "review")
        await desk.skip(case, timedelta(days=3))
        assert ((await desk.ended(case)).outcome, outside.log) == ("expired", ["reserve", "release"])

    async def test_cancelled_meanwhile_the_question_is_withdrawn(self, desk: Desk, outside: Outside) -> None:
        case = await opened(desk, line(quantity=1, unit_price="5000.00"))
        await desk.approval(case, "review")
        await cancel(desk, case)
        assert ((await desk.ended(case)).outcome, outside.log) == ("cancelled", ["reserve", "release"])
        assert (await desk.approval(case, "review")).state == "withdrawn"


class TestThatAreRefused:
    """Typed ends of a business that says no."""

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
        assert f"by hand: {name}" in end_of(ended)["sentence"]
        async with desk.database.transaction("default") as session:
            told = [entry.sentence for entry in await story(session, case.id)]
        assert f"This could not be done: {name}." in told
        assert "The shipment was cancelled." in told


@pytest.mark.parametrize("step", STEPS)
class TestStoppedAtEachStep:
    """Wherever the order is, it can be taken back; what is under way ends first, then all is undone in reverse."""

    async def test_by_the_customer(self, desk: Desk, outside: Outside, step: str) -> None:
        outside.away.add(step)
        case = await opened(desk)
        await asked_outside(outside, f"{step}?")
        await cancel(desk, case)
        ended = await desk.ended(case)
        assert (ended.status, ended.outcome) == ("completed", "cancelled")
        assert [name for name in outside.log if name in UNDOING] == WAY_BACK[step]
        assert not any((await standing(desk.database, case)).values())
        assert await reserved(desk.database) == NOTHING_LEFT

    async def test_by_an_operator(self, desk: Desk, outside: Outside, step: str) -> None:
        outside.away.add(step)
        case = await opened(desk)
        await asked_outside(outside, f"{step}?")
        await desk.handle(case).cancel()
        ended = await desk.ended(case)
        assert (ended.status, ended.outcome) == ("cancelled", None)
        assert [name for name in outside.log if name in UNDOING] == WAY_BACK[step]
        assert not any((await standing(desk.database, case)).values())
        assert await reserved(desk.database) == NOTHING_LEFT


class TestWithSomeMissing:
    """Three shelves are there and five are wanted: the customer chooses."""

    async def short(self, desk: Desk) -> Case:
        case = await opened(desk, line(), line("SHELF-07", 5, "100.00"))
        return await self.offered(desk, case, 1)

    async def offered(self, desk: Desk, case: Case, number: int) -> Case:
        async def find() -> Case | None:
            now = await desk.case(case)
            offers = Progress.model_validate(now.progress).actions
            return now if any(each.offer == number for each in offers) else None

        return await eventually(find)

    async def choose(self, desk: Desk, case: Case, action: str) -> None:
        ann = await person(desk.database, "ann")
        await act(desk.database, by_key(), case.reference, action, NoInput(), key=action, by=ann)

    async def deliver(self, database: Database, shelves: int) -> None:
        async with database.transaction("default") as session:
            (await session.get_one(StockItem, ("default", "SHELF-07"))).quantity = shelves

    async def test_what_there_is_can_be_sent_and_only_that_is_charged(self, desk: Desk, outside: Outside) -> None:
        case = await self.short(desk)
        await self.choose(desk, case, "send_what_there_is")
        ended = await desk.ended(case)
        assert (ended.outcome, outside.log) == ("fulfilled", list(STEPS))
        assert end_of(ended)["facts"]["Charged"] == "EUR 420.00"
        assert "2 pieces were not there and were not charged" in end_of(ended)["sentence"]
        assert await reserved(desk.database) == {"LAMP-01": 2, "SHELF-07": 3}

    async def test_the_order_can_be_cancelled(self, desk: Desk, outside: Outside) -> None:
        case = await self.short(desk)
        await self.choose(desk, case, "cancel_order")
        assert ((await desk.ended(case)).outcome, outside.log) == ("cancelled", ["reserve", "release"])
        assert await reserved(desk.database) == NOTHING_LEFT

    async def test_it_can_be_recalled_like_any_case(self, desk: Desk, outside: Outside) -> None:
        case = await self.short(desk)
        await cancel(desk, case)
        assert ((await desk.ended(case)).outcome, outside.log) == ("cancelled", ["reserve", "release"])

    async def test_without_a_choice_in_time_the_order_expires(self, desk: Desk, outside: Outside) -> None:
        case = await self.short(desk)
        await desk.skip(case, timedelta(days=4))
        assert ((await desk.ended(case)).outcome, outside.log) == ("expired", ["reserve", "release"])

    async def test_waiting_brings_the_rest(self, desk: Desk, outside: Outside) -> None:
        case = await self.short(desk)
        await self.choose(desk, case, "wait_for_rest")
        await self.offered(desk, case, 2)
        await self.deliver(desk.database, 10)
        await desk.skip(case, timedelta(days=1, minutes=1))
        ended = await desk.ended(case)
        assert (ended.outcome, outside.log) == ("fulfilled", ["reserve", *STEPS])
        assert end_of(ended)["facts"]["Charged"] == "EUR 620.00"
        assert await reserved(desk.database) == {"LAMP-01": 2, "SHELF-07": 5}

    async def test_waiting_in_vain_ends_as_out_of_stock(self, desk: Desk, outside: Outside) -> None:
        case = await self.short(desk)
        await self.choose(desk, case, "wait_for_rest")
        await self.offered(desk, case, 2)
        await desk.skip(case, timedelta(days=15))
        ended = await desk.ended(case)
        assert ended.outcome == "out_of_stock"
        assert outside.log.count("release") == 1
        assert await reserved(desk.database) == NOTHING_LEFT

    async def test_who_waits_can_still_send_what_there_is(self, desk: Desk, outside: Outside) -> None:
        case = await self.short(desk)
        await self.choose(desk, case, "wait_for_rest")
        await self.offered(desk, case, 2)
        await self.choose(desk, case, "send_what_there_is")
        assert ((await desk.ended(case)).outcome, outside.log) == ("fulfilled", list(STEPS))
