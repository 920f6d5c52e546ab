"""Batches of requests: while one batch is under way, further requests wait for the next."""

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
    """A request, and the future that gets its answer."""

    asked: Asked
    answer: "asyncio.Future[Answer]"

    def put(self, answer: Answer | Exception) -> None:
        """Give the answer, unless the request was cancelled."""
        if self.answer.done():
            return
        if isinstance(answer, Exception):
            self.answer.set_exception(answer)
        else:
            self.answer.set_result(answer)


PendingItems = list[Pending[Asked, Answer]]


class Batcher(Generic[Asked, Answer]):
    """One batch at a time for each key, of at most 100 items: fifty requests at once cost what a few would.

    `work` answers a batch in its order. An exception among the answers is raised for its caller, an exception
    of the whole batch for all of it. A single request does not wait for others, and a batch that hangs delays no one:
    after ten seconds its callers get EndUnknown, and the next batch begins. Items with the same `partition` are worked
    on in order, in different batches. A key rests for `rest` seconds after each batch: where requests come one by one
    all the time, this makes the next batch worth its transaction.
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
        self._partition = partition
        self._rest = rest
        self._queues: dict[str, list[Pending[Asked, Answer]]] = {}
        self._working: set[asyncio.Future[Any]] = set()

    async def ask(self, key: str, asked: Asked) -> Answer:
        """The answer; raises its exception if it is one."""
        item = Pending[Asked, Answer](asked, asyncio.get_running_loop().create_future())
        if key in self._queues:
            self._queues[key].append(item)
        else:
            self._queues[key] = [item]
            self._keep(asyncio.create_task(self._work_off(key)))
        return await item.answer

    async def _work_off(self, key: str) -> None:
        while items := self._queues[key]:
            batch, self._queues[key] = self._next(items)
            await self._answer(key, batch)
            await asyncio.sleep(self._rest)
        del self._queues[key]

    def _next(
        self, items: list[Pending[Asked, Answer]]
    ) -> tuple[list[Pending[Asked, Answer]], list[Pending[Asked, Answer]]]:
        """The next batch, and what has to wait for a later one."""
        if self._partition is None:
            return items[:MOST], items[MOST:]
        batch: dict[Hashable, Pending[Asked, Answer]] = {}
        later: PendingItems[Asked, Answer] = []
        for item in items:
            part = self._partition(item.asked)
            if part in batch or len(batch) == MOST:
                later.append(item)
            else:
                batch[part] = item
        return list(batch.values()), later

    async def _answer(self, key: str, batch: list[Pending[Asked, Answer]]) -> None:
        work = asyncio.ensure_future(self._work(key, [item.asked for item in batch]))
        self._keep(work)
        await asyncio.wait({work}, timeout=self._patience)
        for item, answer in zip(batch, _answers(work, len(batch)), strict=True):
            item.put(answer)

    def _keep(self, task: "asyncio.Future[Any]") -> None:
        """Until it is done: the loop itself remembers no task."""
        self._working.add(task)
        task.add_done_callback(self._working.discard)


class TransactionBatcher(Batcher[Asked, Answer]):
    """A batcher that writes: keys are tenants, and each batch is one transaction, committed when it answers.

    An item that PostgreSQL refuses does not fail the others: after an error each is written on its own.
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
        except Exception:  # whatever one item did wrong, the others are written without it
            if len(batch) == 1:
                raise
        return [await self._write_one(tenant, asked) for asked in batch]

    async def _write_one(self, tenant: str, asked: Asked) -> Answer | Exception:
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
    except Exception as error:  # noqa: BLE001 - each caller gets the error, and the next batch is worked on
        return [error] * many
