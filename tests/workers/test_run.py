"""Workers shut down in order with their work done, and report the version of their code."""

import asyncio
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from temporalio.api.enums.v1 import VersioningBehavior
from temporalio.api.workflowservice.v1 import (
    SetWorkerDeploymentCurrentVersionRequest,
)
from temporalio.common import WorkerDeploymentVersion
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment

from backend.activities.core.services import Services
from backend.cases.outbox.relay import Relay
from backend.database.engine import Database
from backend.embedded.postgres import EmbeddedPostgres
from backend.processes import PROCESSES, by_key
from backend.settings import Settings
from backend.temporal.delivery import TemporalDelivery
from backend.workers.run import MAKERS, run_workers
from backend.workers.tuning import Tuning, deployment_of
from tests.support.conditions import eventually
from tests.support.fake_outside import fake_outside
from tests.support.orders import order
from tests.support.temporal import NAMESPACE, PAYLOAD_KEYS, Desk

VERSION = WorkerDeploymentVersion("countersign", "2026-11-25")


def settings_of(environment: WorkflowEnvironment, folder: Path, **more: Any) -> Settings:
    address = environment.client.service_client.config.target_host
    return Settings(
        temporal_address=address, temporal_namespace=NAMESPACE, payload_keys=PAYLOAD_KEYS, data_dir=folder, **more
    )


async def test_told_to_stop_they_finish_what_they_have(
    cluster: EmbeddedPostgres,
    database: Database,
    services: Services,
    time_machine_server: WorkflowEnvironment,
    tmp_path: Path,
) -> None:
    stop, over, go_on = asyncio.Event(), asyncio.Event(), threading.Event()

    def wait_with_the_charge(path: str, *_: Any) -> None:
        if path == "/charges":
            go_on.wait(20)

    with fake_outside(stock={"LAMP-01": 10}, before_answer=wait_with_the_charge) as outside:
        urls = {f"{name}_url": outside.url for name in ("payments", "inventory", "shipping")}
        settings = settings_of(time_machine_server, tmp_path, database_url=cluster.app_url, **urls)
        workers = asyncio.create_task(run_workers(settings, "orders", None, stop))
        relay = asyncio.create_task(Relay(database, TemporalDelivery(time_machine_server.client, by_key())).run(over))
        desk = Desk(database, time_machine_server, services)
        case = await desk.open_case("order_fulfillment", order(), "ann")
        key = f"{case.reference}:charge"

        async def charging() -> bool:
            return outside.asked[key] == 1

        await eventually(charging)
        stop.set()
        go_on.set()
        await asyncio.wait_for(workers, timeout=15)
        pending = [each async for each in desk.handle(case).fetch_history_events()]
        done = [event for event in pending if event.HasField("activity_task_completed_event_attributes")]
        over.set()
        await relay
    assert (outside.asked[key], len(done)) == (1, 2), "the charge under way was answered, and its answer was kept"


async def test_a_version_from_the_environment_is_one_that_cases_move_on_from(
    database: Database, services: Services, time_machine_server: WorkflowEnvironment, tmp_path: Path
) -> None:
    named = {"worker_deployment": VERSION.deployment_name, "worker_build_id": VERSION.build_id}
    tuning = Tuning(timedelta(seconds=1), deployment=deployment_of(settings_of(time_machine_server, tmp_path, **named)))
    client, over = time_machine_server.client, asyncio.Event()
    finance = [process for process in PROCESSES if process.domain == "finance"]
    async with (
        MAKERS["workflow"](client, "finance", finance, services, tuning),
        MAKERS["activity"](client, "finance", finance, services, tuning),
    ):

        async def current() -> bool:
            request = SetWorkerDeploymentCurrentVersionRequest(
                namespace=NAMESPACE, deployment_name=VERSION.deployment_name, build_id=VERSION.build_id
            )
            try:
                await client.workflow_service.set_worker_deployment_current_version(request)
            except RPCError:  # until both queues have polled
                return False
            return True

        await eventually(current)
        relay = asyncio.create_task(Relay(database, TemporalDelivery(client, by_key())).run(over))
        desk = Desk(database, time_machine_server, services)
        form = {"customer": "Nordwerk Möbel GmbH", "amount": "100.00", "currency": "EUR"}
        case = await desk.open_case("credit_check", form, "finn")
        assert (await desk.ended(case)).outcome == "granted"
        await desk.handle(case).result()  # its end is reported from within the task that ends it
        ran = (await desk.handle(case).describe()).raw_description.workflow_execution_info.versioning_info
        over.set()
        await relay
    assert ran.behavior == VersioningBehavior.VERSIONING_BEHAVIOR_AUTO_UPGRADE
    assert ran.deployment_version.build_id == VERSION.build_id


def test_a_version_is_named_in_full_or_not_at_all() -> None:
    assert deployment_of(Settings()) is None
    with pytest.raises(ValidationError, match="WORKER_BUILD_ID"):
        Settings(worker_deployment="countersign")
