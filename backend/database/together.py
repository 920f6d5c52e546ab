"""Do together what comes together: while one batch is under way, whoever else asks is answered by the next."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from backend.database.errors import DatabaseAway

MOST = 100
PATIENCE_SECONDS = 10.0

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
    exception of the whole for everybody. Who comes alone waits for nobody, and nobody for a batch that hangs: after ten
    seconds its askers get DatabaseAway, and the next batch begins.
    """

    def __init__(self, work: Work[Asked, Answer], patience: float = PATIENCE_SECONDS) -> None:
        self._work = work
        self._patience = patience
        self._lanes: dict[str, list[Place[Asked, Answer]]] = {}
        self._working: set[asyncio.Future[Any]] = set()

    async def ask(self, lane: str, asked: Asked) -> Answer:
        """The answer, or the error that stands for it."""
        place = Place[Asked, Answer](asked, asyncio.get_running_loop().create_future())
        if lane in self._lanes:
            self._lanes[lane].append(place)
        else:
            self._lanes[lane] = [place]
            self._keep(asyncio.create_task(self._work_off(lane)))
        return await place.answer

    async def _work_off(self, lane: str) -> None:
        while places := self._lanes[lane]:
            batch, self._lanes[lane] = places[:MOST], places[MOST:]
            await self._answer(lane, batch)
        del self._lanes[lane]

    async def _answer(self, lane: str, batch: list[Place[Asked, Answer]]) -> None:
        work = asyncio.ensure_future(self._work(lane, [place.asked for place in batch]))
        self._keep(work)
        await asyncio.wait({work}, timeout=self._patience)
        for place, answer in zip(batch, _answers(work, len(batch)), strict=True):
            place.put(answer)

    def _keep(self, task: "asyncio.Future[Any]") -> None:
        """Until it is done: the loop itself remembers no task."""
        self._working.add(task)
        task.add_done_callback(self._working.discard)


def _answers(work: "asyncio.Future[Sequence[Answer | Exception]]", many: int) -> Sequence[Answer | Exception]:
    try:
        return work.result()
    except asyncio.InvalidStateError:
        return [DatabaseAway()] * many
    except Exception as error:  # noqa: BLE001 - whoever waits is told, and the next ones are served all the same
        return [error] * many
