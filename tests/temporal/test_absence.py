"""A missing execution and a missing namespace in Temporal are told apart."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError

from backend.cases.outbox.outbox import Message
from backend.database.tables import OutboxRow
from backend.embedded.temporal import EmbeddedTemporal
from backend.temporal.delivery import TemporalDelivery
from backend.temporal.queries import describe
from tests.support.folders import data_folder

RECALL = {"by": "ann", "at": "2026-01-01T00:00:00Z"}


@pytest.fixture(scope="module")
def temporal() -> Iterator[EmbeddedTemporal]:
    with data_folder() as folder:
        server = EmbeddedTemporal(folder, "countersign").start()
        yield server
        server.stop()


async def client_of(temporal: EmbeddedTemporal, namespace: str) -> Client:
    return await Client.connect(temporal.address, namespace=namespace, data_converter=pydantic_data_converter)


async def test_an_execution_that_is_gone_is_known_to_be(temporal: EmbeddedTemporal) -> None:
    client = await client_of(temporal, "countersign")
    assert await describe(client, "gone") is None


async def test_of_a_namespace_that_is_not_there_nothing_is_known(temporal: EmbeddedTemporal) -> None:
    client = await client_of(temporal, "mistyped")
    with pytest.raises(RPCError):
        await describe(client, "perhaps there")
    row = OutboxRow(tenant_id="default", case_id=uuid4(), kind=Message.RECALL, workflow_id="it", payload=RECALL)
    with pytest.raises(RPCError):
        await TemporalDelivery(client, {})(row)
