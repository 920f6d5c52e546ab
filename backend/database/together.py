"""Do together what comes together: while one batch is under way, whoever else asks is answered by the next."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

MOST = 100

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")
Work = Callable[[str, Sequence[Asked]], Awaitable[Sequence[Answer | Exception]]]


@dataclass(frozen=True)
class Place(Generic[Asked, Answer]):
    """What somebody asked, and where the answer is put."""

    asked: Asked
    answer: "asyncio.Future[Answer]"

    def put(self, answer: Answer | Exception) -> None:
        """Answer them, unless they have left."""
        if self.answer.done():
            return
        if isinstance(answer, Exception):
            self.answer.set_exception(answer)
        else:
            self.answer.set_result(answer)


class Together(Generic[Asked, Answer]):
    """One batch at a time in each lane, of at most 100: fifty requests at once cost what a few would.

    `work` answers a lane's batch in its order. An exception among the answers is raised for the one who asked, an
    exception of the whole for everybody. Who comes alone waits for nobody.
    """

    def __init__(self, work: Work[Asked, Answer]) -> None:
        self._work = work
        self._lanes: dict[str, list[Place[Asked, Answer]]] = {}
        self._working: set[asyncio.Task[None]] = set()

    async def ask(self, lane: str, asked: Asked) -> Answer:
        """The answer, or the error that stands for it."""
        place = Place[Asked, Answer](asked, asyncio.get_running_loop().create_future())
        if lane in self._lanes:
            self._lanes[lane].append(place)
        else:
            self._lanes[lane] = [place]
            task = asyncio.create_task(self._work_off(lane))
            self._working.add(task)
            task.add_done_callback(self._working.discard)
        return await place.answer

    async def _work_off(self, lane: str) -> None:
        while places := self._lanes[lane]:
            batch, self._lanes[lane] = places[:MOST], places[MOST:]
            await self._answer(lane, batch)
        del self._lanes[lane]

    async def _answer(self, lane: str, batch: list[Place[Asked, Answer]]) -> None:
        try:
            answers: Sequence[Answer | Exception] = await self._work(lane, [place.asked for place in batch])
        except Exception as error:  # noqa: BLE001 - whoever waits is told, and the next ones are served all the same
            answers = [error] * len(batch)
        for place, answer in zip(batch, answers, strict=True):
            place.put(answer)
