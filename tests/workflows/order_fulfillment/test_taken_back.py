"""An order that is cancelled while one of its steps runs."""

import pytest

from tests.support.conditions import eventually
from tests.support.orders import NOTHING_LEFT, STEPS, cancel, opened, reserved, standing
from tests.support.temporal import Desk
from tests.support.watched import Outside

UNDOING = {"release", "refund", "cancel"}
WAY_BACK = {
    "reserve": ["release"],
    "charge": ["refund", "release"],
    "create": ["cancel", "refund", "release"],
    "send": ["cancel", "refund", "release"],
}


async def asked_outside(outside: Outside, name: str) -> None:
    async def find() -> bool:
        return name in outside.log

    await eventually(find)


@pytest.mark.parametrize("step", STEPS)
class TestStoppedAtEachStep:
    """An order can be cancelled at every step: the running step ends first, then all is undone in reverse order."""

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
