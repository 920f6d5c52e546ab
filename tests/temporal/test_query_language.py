"""Lists of executions stay within their tenant, whatever query an operator writes."""

import pytest

from backend.api.routes.executions.pages import ExecutionFilter, own_query
from backend.temporal.executions import BadQuery, count_by_status, list_executions
from tests.support.cast import person
from tests.support.conditions import eventually
from tests.support.temporal import Desk

RUNNING = 'ExecutionStatus = "Running"'
ESCAPES = (
    f"{RUNNING}) OR ({RUNNING}",
    f"{RUNNING}) OR {RUNNING} OR ({RUNNING}",
    f'{RUNNING} AND WorkflowId != ")") OR ({RUNNING} AND WorkflowId != "("',
    f"/*(*/ {RUNNING} ) OR ( {RUNNING} /*)*/",
    f"{RUNNING} -- (\n) OR ({RUNNING}",
    f'{RUNNING} AND WorkflowId != "\\") OR ({RUNNING} AND WorkflowId != "',
)


@pytest.mark.parametrize("query", ESCAPES)
async def test_no_query_leads_out_of_the_tenant(desk: Desk, query: str) -> None:
    await desk.client.start_workflow("Anything", id="acme.purchase_approval.PUR-000001", task_queue="nobody listens")
    case = await desk.open()
    root = await person(desk.database, "root")

    async def listed() -> bool:
        found = await list_executions(desk.client, RUNNING)
        return {one.id.partition(".")[0] for one in found.items} == {"default", "acme"}

    await eventually(listed)
    try:
        wanted = own_query(root, ExecutionFilter(query=query))
        found = await list_executions(desk.client, wanted)
        counted = await count_by_status(desk.client, wanted)
    except BadQuery:
        return
    assert {one.id for one in found.items} <= {case.workflow_id}
    assert sum(counted.values()) <= 1


@pytest.mark.parametrize("query", [f"({RUNNING} OR {RUNNING})", f"{RUNNING} AND WorkflowId != '(it''s'", " "])
async def test_a_query_that_stays_inside_is_taken(desk: Desk, query: str) -> None:
    case = await desk.open()
    root = await person(desk.database, "root")

    async def listed() -> list[str]:
        return [
            one.id for one in (await list_executions(desk.client, own_query(root, ExecutionFilter(query=query)))).items
        ]

    assert await eventually(listed) == [case.workflow_id]
