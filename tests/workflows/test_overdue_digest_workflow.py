"""The overdue digest in one run and in several, with its worker killed in between."""

from datetime import timedelta

from backend.database.engine import Database
from tests.cases.inbox.test_overdue_reminders import ask, told
from tests.support.temporal import Desk, Plan

LATE = -timedelta(hours=1)


async def test_those_who_are_late_are_told(desk: Desk, database: Database) -> None:
    await ask(database, "person:mona", due=LATE)
    await ask(database, "person:hugo", due=-LATE)
    ended = await desk.ended(await desk.open_case("overdue_digest", {"remark": "Before noon, please."}, "root"))
    assert (ended.status, ended.outcome) == ("completed", "told")
    assert ended.result is not None
    assert ended.result["sentence"] == "1 person was reminded."
    assert "Before noon" in (await told(database))["mona"]


async def test_a_second_round_of_the_day_tells_nobody(desk: Desk, database: Database) -> None:
    await ask(database, "person:mona", due=LATE)
    cases = [await desk.open_case("overdue_digest", {}, "root") for _ in range(2)]
    assert sorted([str((await desk.ended(case)).outcome) for case in cases]) == ["nothing_overdue", "told"]
    assert list(await told(database)) == ["mona"]


async def test_many_people_take_several_runs_and_each_is_told_once(
    desk: Desk, database: Database, planned: Plan
) -> None:
    planned(people_a_call=1, calls_a_run=2)
    everybody = ["edda", "fay", "finn", "hugo", "mona", "olga"]
    for name in everybody:
        await ask(database, f"person:{name}", due=LATE)
    case = await desk.open_case("overdue_digest", {}, "root")
    ended = await desk.ended(case)
    assert ended.result is not None
    assert ended.result["facts"] == {"Reminded": "6 people"}
    assert sorted(await told(database)) == everybody
    runs = [run async for run in desk.client.list_workflows(f"WorkflowId = '{case.workflow_id}'")]
    assert len(runs) == 4
