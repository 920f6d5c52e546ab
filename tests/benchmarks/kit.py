"""The same business steps through the kit and by hand, in turns, on the same servers in the same run.

Through the kit: the process's own workflow on our workers as `countersign up` runs them, with what they do for people
besides: the answer of the `progress` query, the end in the read model, its line in the story, who is told, the audit.
By hand: `steps_by_hand`, each step an activity as one writes it first; the kit looks a rating up beside the workflow,
which is its own merit. Both are started by the same client, encrypt their payloads, have two workers tuned alike, and
find their order in PostgreSQL already. The processor's time of the workers tells the two apart on a busy machine too.
"""

import os
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any
from uuid import uuid4

import asyncpg
from sqlalchemy import update
from temporalio.client import Client

from backend.cases.lifecycle.submission import Source, Submission, open_case
from backend.database.engine import Database
from backend.database.tables import OutboxRow
from backend.kit.case import Case, CaseEnd
from backend.kit.naming import workflow_id
from backend.processes import by_key
from backend.settings import Settings, environment_file
from backend.temporal.client import connect
from backend.workflows.core.task_queues import workflow_queue
from backend.workflows.credit_check_workflow import CreditCheck
from backend.workflows.order import OrderFulfillment
from tests.benchmarks.desk import Desk
from tests.benchmarks.load import burst
from tests.benchmarks.measures import Finding, a_process
from tests.benchmarks.steps_by_hand import TABLES, WORKFLOWS, CreditByHand, Order, OrderByHand
from tests.support.cast import person
from tests.support.orders import order

ROUNDS = 5
COUNT = 200
AT_ONCE = 50
TICKS = os.sysconf("SC_CLK_TCK")


def credit(number: int) -> dict[str, Any]:
    """A credit check for one of the demo's customers."""
    return {"customer": "Nordwerk Möbel GmbH", "amount": f"{100 + number}.00", "currency": "EUR"}


def an_order(number: int) -> dict[str, Any]:
    """An order by a new customer."""
    customer = {"name": "Cem Kaya", "email": f"cem.kaya.{uuid4().hex}@example.com", "address": "Hafenstraße 3, Linz"}
    return order(order_id=f"A-{number}", customer=customer)


FORMS: dict[str, Callable[[int], dict[str, Any]]] = {"credit_check": credit, "order_fulfillment": an_order}
ENDS = {"credit_check": "granted", "order_fulfillment": "fulfilled"}


@dataclass
class Side:
    """The result of one side: workflows per second in each round, and processor seconds per workflow."""

    pids: list[int]
    rates: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)

    async def run(self, count: int, one: Callable[[int], Awaitable[None]]) -> None:
        """One round."""
        before = self._spent()
        self.rates.append((await burst(count, one, at_once=AT_ONCE)).per_second)
        self.processor.append((self._spent() - before) / count)

    def _spent(self) -> float:
        return sum(spent(pid) for pid in self.pids)


def spent(pid: int) -> float:
    """Processor seconds that a process has used."""
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / TICKS


@dataclass(frozen=True)
class Servers:
    """The servers that both sides use, and the client that starts both."""

    database: Database
    owner: "asyncpg.Connection[asyncpg.Record]"
    client: Client


async def kit(desk: Desk) -> list[Finding]:
    """Workflows completed per second with the kit, relative to the same steps by hand."""
    known = Settings(_env_file=environment_file(desk.running.folder))
    kinds = ("workflow", "activity")
    async with AsyncExitStack() as stack:
        database = Database(known.database_url)
        stack.push_async_callback(database.close)
        servers = Servers(database, await stack.enter_async_context(desk.database()), await connect(known))
        await servers.owner.execute(TABLES)
        helpers = [a_process("tests.benchmarks.hand_worker", kind, **desk.running.environment) for kind in kinds]
        by_hand = [await stack.enter_async_context(helper) for helper in helpers]
        ours = [desk.running.parts()[kind] for kind in kinds]
        return [await _compare(key, servers, Side(ours), Side(by_hand)) for key in FORMS]


async def _compare(key: str, servers: Servers, ours: Side, theirs: Side) -> Finding:
    for _ in range(1 + ROUNDS):
        cases = await _opened(servers.database, key)
        await ours.run(COUNT, lambda number: _through_the_kit(servers.client, key, cases[number]))  # noqa: B023 - awaited here
        orders = await _put_down(servers.owner, key)
        await theirs.run(COUNT, lambda number: _by_hand(servers.client, key, orders[number]))  # noqa: B023 - as above
    rates = [median(side.rates[1:]) for side in (ours, theirs)]  # the first round warms up
    spent = [median(side.processor[1:]) * 1000 for side in (ours, theirs)]
    return Finding(
        f"{key} through the kit / by hand", rates[0] / rates[1], 0.8, at_least=True,
        detail="{:.0f}/s, {:.0f}/s; processor of the workers {:.1f} ms, {:.1f} ms".format(*rates, *spent),
    )  # fmt: skip


async def _opened(database: Database, key: str) -> list[Case[Any, Any]]:
    """Open cases that the relay considers started; the inputs of their workflows."""
    process, actor = by_key()[key], await person(database, "olga")
    shape = Case[process.input, process.plan]  # type: ignore[name-defined]
    cases = []
    async with database.transaction(actor.tenant) as session:
        for number in range(COUNT):
            form = process.input.model_validate(FORMS[key](number))
            opened = await open_case(session, Submission(process, form, source=Source.API, key=str(uuid4()), by=actor))
            row = update(OutboxRow).where(OutboxRow.case_id == opened.case.id).values(state="sent")
            cases.append(shape.model_validate(await session.scalar(row.returning(OutboxRow.payload))))
    return cases


async def _through_the_kit(client: Client, key: str, case: Case[Any, Any]) -> None:
    process = by_key()[key]
    end: CaseEnd = await client.execute_workflow(
        process.workflow.run,
        case,
        id=workflow_id(case.tenant, key, case.reference),
        task_queue=workflow_queue(process.domain),
        execution_timeout=process.time_limit_of(case.plan),
    )
    assert end.outcome == ENDS[key], end


async def _put_down(owner: "asyncpg.Connection[asyncpg.Record]", key: str) -> list[Order | CreditCheck]:
    """Credit checks, or orders written to their own table."""
    if key == "credit_check":
        return [CreditCheck.model_validate(credit(number)) for number in range(COUNT)]
    forms = [OrderFulfillment.model_validate(an_order(number)) for number in range(COUNT)]
    orders = [Order(reference=f"HAND-{uuid4()}", form=form) for form in forms]
    rows = [(each.reference, each.form.customer.email, each.form.customer.address) for each in orders]
    await owner.executemany("INSERT INTO by_hand.orders VALUES ($1, $2, $3)", rows)
    return list(orders)


async def _by_hand(client: Client, key: str, given: Order | CreditCheck) -> None:
    run: Any = OrderByHand.run if isinstance(given, Order) else CreditByHand.run
    end: CaseEnd = await client.execute_workflow(run, given, id=f"by-hand-{uuid4()}", task_queue=WORKFLOWS)
    assert end.outcome == ENDS[key], end
