"""Do together what comes together: while one batch is under way, whoever else asks is answered by the next."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from backend.database.engine import Database
from backend.database.errors import DatabaseAway, EndUnknown

MOST = 100
PATIENCE_SECONDS = 10.0

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")
Work = Callable[[str, Sequence[Asked]], Awaitable[Sequence[Answer | Exception]]]
Partition = Callable[[Asked], Hashable]
Write = Callable[[AsyncSession, Sequence[Asked]], Awaitable[Sequence[Answer | Exception]]]


@dataclass(frozen=True)
class Pending(Generic[Asked, Answer]):
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


PendingItems = list[Pending[Asked, Answer]]


class Batcher(Generic[Asked, Answer]):
    """One batch at a time in each lane, of at most 100: fifty requests at once cost what a few would.

    `work` answers a lane's batch in its order. An exception among the answers is raised for the one who asked, an
    exception of the whole for everybody. Who comes alone waits for nobody, and nobody for a batch that hangs: after ten
    seconds its askers get EndUnknown, and the next batch begins. What has the same key by `partition` comes one after
    the other, in different batches. A lane rests for `rest` seconds after each batch: where many come one by one, the
    next batch is worth its transaction.
    """

    def __init__(
        self,
        work: Work[Asked, Answer],
        patience: float = PATIENCE_SECONDS,
        partition: Partition[Asked] | None = None,
        rest: float = 0,
    ) -> None:
        self._work = work
        self._patience = patience
        self._apart = partition
        self._rest = rest
        self._lanes: dict[str, list[Pending[Asked, Answer]]] = {}
        self._working: set[asyncio.Future[Any]] = set()

    async def ask(self, lane: str, asked: Asked) -> Answer:
        """The answer, or the error that stands for it."""
        place = Pending[Asked, Answer](asked, asyncio.get_running_loop().create_future())
        if lane in self._lanes:
            self._lanes[lane].append(place)
        else:
            self._lanes[lane] = [place]
            self._keep(asyncio.create_task(self._work_off(lane)))
        return await place.answer

    async def _work_off(self, lane: str) -> None:
        while places := self._lanes[lane]:
            batch, self._lanes[lane] = self._next(places)
            await self._answer(lane, batch)
            await asyncio.sleep(self._rest)
        del self._lanes[lane]

    def _next(
        self, places: list[Pending[Asked, Answer]]
    ) -> tuple[list[Pending[Asked, Answer]], list[Pending[Asked, Answer]]]:
        """The next batch, and who has to wait for a later one."""
        if self._apart is None:
            return places[:MOST], places[MOST:]
        batch: dict[Hashable, Pending[Asked, Answer]] = {}
        later: PendingItems[Asked, Answer] = []
        for place in places:
            key = self._apart(place.asked)
            if key in batch or len(batch) == MOST:
                later.append(place)
            else:
                batch[key] = place
        return list(batch.values()), later

    async def _answer(self, lane: str, batch: list[Pending[Asked, Answer]]) -> None:
        work = asyncio.ensure_future(self._work(lane, [place.asked for place in batch]))
        self._keep(work)
        await asyncio.wait({work}, timeout=self._patience)
        for place, answer in zip(batch, _answers(work, len(batch)), strict=True):
            place.put(answer)

    def _keep(self, task: "asyncio.Future[Any]") -> None:
        """Until it is done: the loop itself remembers no task."""
        self._working.add(task)
        task.add_done_callback(self._working.discard)


class TransactionBatcher(Batcher[Asked, Answer]):
    """The same for what is written: lanes are tenants, and each batch is one transaction, committed when it answers.

    What PostgreSQL cannot take does not take the others with it: after an error each is written by itself.
    """

    def __init__(
        self,
        database: Database,
        write: Write[Asked, Answer],
        partition: Partition[Asked] | None = None,
        rest: float = 0,
    ) -> None:
        super().__init__(self._write, partition=partition, rest=rest)
        self._database = database
        self._writing = write

    async def _write(self, tenant: str, batch: Sequence[Asked]) -> Sequence[Answer | Exception]:
        try:
            async with self._database.transaction(tenant) as session:
                return await self._writing(session, batch)
        except DatabaseAway:
            raise
        except Exception:
            if len(batch) == 1:
                raise
        return [await self._write_alone(tenant, asked) for asked in batch]

    async def _write_alone(self, tenant: str, asked: Asked) -> Answer | Exception:
        try:
            async with self._database.transaction(tenant) as session:
                return (await self._writing(session, [asked]))[0]
        except Exception as error:  # noqa: BLE001 - it is the answer to the one who asked
            return error


def _answers(work: "asyncio.Future[Sequence[Answer | Exception]]", many: int) -> Sequence[Answer | Exception]:
    try:
        return work.result()
    except asyncio.InvalidStateError:
        return [EndUnknown()] * many
    except Exception as error:  # noqa: BLE001 - whoever waits is told, and the next ones are served all the same
        return [error] * many
