"""A real Temporal server with time skipping, and a desk that uses it."""

import asyncio
import contextlib
import os
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select
from temporalio.client import Client, WorkflowExecutionDescription, WorkflowHandle
from temporalio.testing import WorkflowEnvironment

from backend.activities.core.services import Services
from backend.cases.approvals.decide.decide import DecisionResult, decide
from backend.cases.lifecycle import submission
from backend.cases.lifecycle.submission import Source, Submission, open_case
from backend.cases.outbox.relay import Relay
from backend.database.engine import Database
from backend.database.tables import Approval, Case
from backend.embedded.temporal import program
from backend.kit.approval import DecisionKind
from backend.processes import PROCESSES, by_key, domains
from backend.services.erp import Erp, PostgresErp
from backend.services.ratings import PostgresRatings, Ratings
from backend.settings import Settings
from backend.temporal.client import data_converter
from backend.temporal.delivery import TemporalDelivery
from backend.workers.ports import open_services
from backend.workers.run import MAKERS
from backend.workers.tuning import Tuning
from tests.support.approvals import act_on, decision
from tests.support.cast import person
from tests.support.conditions import eventually
from tests.support.purchases import purchase

PAYLOAD_KEYS = "test:Nq3YkXk0c1l2nQ7m8bqkzq0y5dXUjv2R0dK1t4f6h8k="
NAMESPACE = "countersign"
HISTORIES = Path(__file__).parents[1] / "histories"


@pytest.fixture
async def time_machine_server() -> AsyncIterator[WorkflowEnvironment]:
    """A dev server whose workflows skip time when told to."""
    environment = await WorkflowEnvironment.start_time_skipping_v2(
        dev_server_existing_path=program("temporal"),
        dev_server_extra_args=["--dynamic-config-value", "frontend.WorkflowTimeSkippingEnabled=true"],
        namespace=NAMESPACE,
        data_converter=data_converter(PAYLOAD_KEYS, NAMESPACE),
    )
    yield environment
    await environment.shutdown()


@dataclass
class Desk:
    """Relay and workers in this process, without the web app, against real servers."""

    database: Database
    environment: WorkflowEnvironment
    services: Services

    @property
    def client(self) -> Client:
        """The Temporal client."""
        return self.environment.client

    async def open(self, who: str = "ann", **form: Any) -> Case:
        """Open a purchase."""
        return await self.open_case("purchase_approval", purchase(**form), who)

    async def open_case(self, key: str, form: dict[str, Any], who: str) -> Case:
        """Open a case of any process."""
        process, actor = by_key()[key], await person(self.database, who)
        model = process.input.model_validate(form)
        async with self.database.transaction(actor.tenant) as session:
            opened = await open_case(session, Submission(process, model, source=Source.API, key=str(uuid4()), by=actor))
        return opened.case

    async def case(self, case: Case) -> Case:
        """The current case in the read model."""
        async with self.database.across_tenants() as session:
            return await session.get_one(Case, case.id)

    async def approval(self, case: Case, step: str, number: int = 1) -> Approval:
        """Wait for the approval of this step and round."""

        async def find() -> Approval | None:
            async with self.database.across_tenants() as session:
                mine = (Approval.case_id == case.id, Approval.step == step, Approval.round == number)
                found: Approval | None = await session.scalar(select(Approval).where(*mine))
                return found

        return await eventually(find)

    async def answer(
        self,
        case: Case,
        step: str,
        who: str,
        choice: DecisionKind = DecisionKind.APPROVE,
        comment: str = "",
        number: int = 1,
    ) -> DecisionResult:
        """Decide an approval as this person."""
        approval = await self.approval(case, step, number)
        now = await self.case(case)
        by = await person(self.database, who)
        return await act_on(self.database, approval.id, by, decide, decision(choice, now.version, comment))

    async def ended(self, case: Case) -> Case:
        """Wait for the case to end."""

        async def find() -> Case | None:
            now = await self.case(case)
            return now if now.closed_at else None

        return await eventually(find)

    async def started(self, case: Case) -> WorkflowExecutionDescription:
        """Wait for the workflow of the case and describe it."""
        await eventually(lambda: self._run_id(case))
        return await self.handle(case).describe()

    async def _run_id(self, case: Case) -> str | None:
        return (await self.case(case)).run_id

    async def in_a_later_run(self, case: Case) -> None:
        """Wait until the case's workflow has continued as a new run."""
        await self.started(case)
        first = await self._run_id(case)

        async def find() -> bool:
            return (await self.handle(case).describe()).run_id != first

        await eventually(find)

    async def skip(self, case: Case, duration: timedelta) -> None:
        """Move this case forward in time."""
        await self.environment.fast_forward(self.handle(case), duration)

    def handle(self, case: Case) -> WorkflowHandle[Any, Any]:
        """The case's workflow."""
        return self.client.get_workflow_handle(case.workflow_id)


@pytest.fixture
def erp(database: Database) -> Erp:
    """The ERP in our own tables; tests can replace it."""
    return PostgresErp(database)


@pytest.fixture
def ratings(database: Database) -> Ratings:
    """The ratings in our own table; tests can replace them."""
    return PostgresRatings(database)


@pytest.fixture
async def services(database: Database, erp: Erp, ratings: Ratings, tmp_path: Path) -> AsyncIterator[Services]:
    """The services of activities: every port in our own tables, except those that a test replaces."""
    async with open_services(Settings(data_dir=tmp_path), database) as services:
        yield replace(services, erp=erp, ratings=ratings)


Plan = Callable[..., None]


@pytest.fixture
def planned(monkeypatch: pytest.MonkeyPatch) -> Plan:
    """Set durations and switches for new cases."""

    def plan(**changes: Any) -> None:
        monkeypatch.setattr(submission, "process_plan", lambda _, model: model(**changes))

    return plan


@pytest.fixture
async def desk(
    database: Database,
    time_machine_server: WorkflowEnvironment,
    services: Services,
    request: pytest.FixtureRequest,
) -> AsyncIterator[Desk]:
    """A running desk. KEEP_HISTORIES=1 stores the histories of its workflows, =replace overwrites them."""
    client, stop, tuning = time_machine_server.client, asyncio.Event(), Tuning(grace=timedelta(seconds=1))
    async with contextlib.AsyncExitStack() as stack:
        for kind, make in MAKERS.items():
            for domain in domains(kind):
                processes = [process for process in PROCESSES if process.domain == domain]
                await stack.enter_async_context(make(client, domain, processes, services, tuning))
        with time_machine_server.with_time_skipping_disabled():
            relay = asyncio.create_task(Relay(database, TemporalDelivery(client, by_key())).run(stop))
            yield Desk(database, time_machine_server, services)
            if os.environ.get("KEEP_HISTORIES"):
                replace = os.environ["KEEP_HISTORIES"] == "replace"
                await _keep_histories(client, request.node.name, replace=replace)
            stop.set()
            await relay


async def _keep_histories(client: Client, test: str, *, replace: bool) -> None:
    """Store the history of every workflow that ended, named after the test."""
    name = re.sub(r"[^a-z0-9]+", "_", test.removeprefix("test_")).strip("_")
    ended = [each async for each in client.list_workflows("ExecutionStatus != 'Running'")]
    number: Counter[str] = Counter()
    for execution in sorted(ended, key=lambda each: each.start_time):
        history = await client.get_workflow_handle(execution.id, run_id=execution.run_id).fetch_history()
        _, process, _, *child = execution.id.split(".")
        folder = HISTORIES / process
        folder.mkdir(parents=True, exist_ok=True)
        stem = "_".join((name, *child))
        number[stem] += 1
        kept = folder / (f"{stem}.json" if number[stem] == 1 else f"{stem}_{number[stem]}.json")
        if kept.exists() and not replace:
            continue  # running cases may have histories like this one; only a process that never ran may replace it
        # Who ran it, and where, is nobody's business and tells replay nothing.
        kept.write_text(re.sub(r'"identity": "[^"]*"', '"identity": ""', history.to_json()))
