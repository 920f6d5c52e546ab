"""A place in a list of executions that Temporal did not give is a bad cursor, not a failure of Temporal."""

import pytest
from temporalio.testing import WorkflowEnvironment

from backend.database.pages import BadCursor
from backend.temporal.executions import list_executions


@pytest.mark.parametrize("token", [b"AAAA", b"\x00\x01"])
async def test_a_token_of_somebody_else_is_refused(time_machine_server: WorkflowEnvironment, token: bytes) -> None:
    with pytest.raises(BadCursor):
        await list_executions(time_machine_server.client, "", token)
