"""An order with missing items: the choices of the customer, and the result of waiting."""

from datetime import timedelta

from backend.cases.lifecycle.case_actions import take_action
from backend.database.engine import Database
from backend.database.tables import Case, StockItem
from backend.kit.action import NoInput
from backend.kit.progress import Progress
from backend.processes import by_key
from backend.services.inventory import StockLine
from backend.workflows.order import OrderFulfillment, missing_notes
from tests.support.cast import person
from tests.support.conditions import eventually
from tests.support.orders import NOTHING_LEFT, STEPS, cancel, end_of, line, opened, order, reserved
from tests.support.temporal import Desk
from tests.support.watched import Outside


def notes_of(case: Case) -> list[tuple[int, str]]:
    """What the rows of the order say."""
    return [(note.row, note.text) for note in Progress.model_validate(case.progress).row_notes]


def test_what_is_reserved_goes_to_the_lines_of_an_article_in_their_order() -> None:
    form = OrderFulfillment.model_validate(order(line("SHELF-07", 2), line(), line("SHELF-07", 2)))
    reserved = [StockLine(sku="SHELF-07", quantity=3), StockLine(sku="LAMP-01", quantity=2)]
    assert [(note.field, note.row, note.text) for note in missing_notes(form, reserved)] == [
        ("items", 2, "1 of 2 is missing")
    ]
    assert missing_notes(form, [*reserved[1:], StockLine(sku="SHELF-07", quantity=4)]) == []


class TestWithSomeMissing:
    """Three shelves are in stock and five are ordered."""

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
        await take_action(desk.database, by_key(), case.reference, action, NoInput(), key=action, by=ann)

    async def deliver(self, database: Database, shelves: int) -> None:
        async with database.transaction("default") as session:
            (await session.get_one(StockItem, ("default", "SHELF-07"))).quantity = shelves

    async def test_what_there_is_can_be_sent_and_only_that_is_charged(self, desk: Desk, outside: Outside) -> None:
        case = await self.short(desk)
        assert Progress.model_validate(case.progress).sentence == "Ann Berger can choose: 2 of 7 items are missing"
        assert notes_of(case) == [(1, "2 of 5 are missing")]
        await self.choose(desk, case, "send_what_there_is")
        ended = await desk.ended(case)
        assert (ended.outcome, outside.log) == ("fulfilled", list(STEPS))
        assert end_of(ended)["facts"]["Charged"] == "EUR 420.00"
        assert "2 missing items were not charged" in end_of(ended)["sentence"]
        assert await reserved(desk.database) == {"LAMP-01": 2, "SHELF-07": 3}

    async def test_one_missing_item_is_said_in_the_singular(self, desk: Desk) -> None:
        case = await self.offered(desk, await opened(desk, line(quantity=1), line("SHELF-07", 4, "100.00")), 1)
        assert Progress.model_validate(case.progress).sentence == "Ann Berger can choose: 1 of 5 items is missing"
        assert notes_of(case) == [(1, "1 of 4 is missing")]

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
        assert notes_of(ended) == []
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
