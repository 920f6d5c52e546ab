"""The worker of effects asks before each of them whether it is what people approved."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import ActivityError, ApplicationError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from backend.activities.core.errors import NOT_AS_APPROVED
from backend.activities.core.services import Services
from backend.database.engine import Database
from backend.kit.approval import Approved
from backend.processes import PROCESSES
from backend.services.erp import IssuedOrder, PostgresErp, PurchaseOrder
from backend.workers.run import activity_worker
from backend.workers.sandbox import sandbox
from backend.workers.tuning import Tuning
from tests.cases.lifecycle.test_approved_effects import DIFFERS, OTHER_FORM, approved_case, order_of
from tests.support.effect_workflow import EffectWorkflow
from tests.support.watched import Outside

QUEUE = "effects of tests"
Issue = Callable[[PurchaseOrder], Awaitable[IssuedOrder]]


@pytest.fixture
def outside() -> Outside:
    return Outside()


@pytest.fixture
def erp(database: Database, outside: Outside) -> Any:
    return outside.over(PostgresErp(database))


@pytest.fixture
async def issue(time_machine_server: WorkflowEnvironment, services: Services) -> AsyncIterator[Issue]:
    """Orders through the worker of purchases, without their workflow."""
    client = time_machine_server.client
    purchases = [process for process in PROCESSES if process.domain == "purchasing"]

    async def through_the_worker(order: PurchaseOrder) -> IssuedOrder:
        return await client.execute_workflow(EffectWorkflow.run, order, id=f"effect-{uuid4()}", task_queue=QUEUE)

    async with (
        activity_worker(client, "purchasing", purchases, services, Tuning(grace=timedelta(seconds=1))),
        Worker(client, task_queue=QUEUE, workflows=[EffectWorkflow], workflow_runner=sandbox()),
    ):
        with time_machine_server.with_time_skipping_disabled():
            yield through_the_worker


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"approved": Approved(version=1, digest="0" * 64)}, OTHER_FORM),
        ({"approved": Approved(version=2, digest="0" * 64)}, OTHER_FORM),
        ({"vendor": "Eve Ltd"}, DIFFERS),
    ],
    ids=["another digest", "another version", "another vendor"],
)
async def test_an_effect_that_differs_from_what_was_approved_does_not_happen(
    database: Database, outside: Outside, issue: Issue, changes: dict[str, Any], reason: str
) -> None:
    order = order_of(await approved_case(database))
    with pytest.raises(WorkflowFailureError) as failed:
        await issue(order.model_copy(update=changes))
    assert isinstance(failed.value.cause, ActivityError)
    refused = failed.value.cause.cause
    assert isinstance(refused, ApplicationError)
    assert (refused.type, refused.message, refused.non_retryable) == (NOT_AS_APPROVED, reason, True)
    assert outside.log == []
    assert (await issue(order)).number
    assert outside.log == ["issue"]
