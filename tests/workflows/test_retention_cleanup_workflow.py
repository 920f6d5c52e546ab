"""A cleanup from start to report: over several runs, stopped, and with its worker killed in between."""

from datetime import timedelta
from pathlib import Path

from backend.activities.core.services import Services
from backend.cases.lifecycle.withdraw import withdraw
from backend.database.engine import Database
from backend.database.tables import Draft, Session
from backend.processes import by_key
from tests.support.cast import person
from tests.support.leftovers import count, draft, file, make_old, paths, put, sent, session, untouchable
from tests.support.outbox import a_case
from tests.support.temporal import Desk, Plan

OLD = timedelta(days=400)


async def test_each_kind_is_removed_and_reported(desk: Desk, database: Database, services: Services) -> None:
    other = await a_case(database)
    await put(database, session("old", OLD), draft(OLD), draft(OLD), sent(other, OLD))
    await file(database, services.files, OLD)
    case = await desk.open_case("retention_cleanup", {}, "root")
    before = await untouchable(database)
    ended = await desk.ended(case)
    assert (ended.status, ended.outcome) == ("completed", "cleaned_up")
    assert ended.result is not None
    assert ended.result["facts"] == {
        "Expired sessions": "1",
        "Old drafts": "2",
        "Files without a case": "1",
        "Orphaned file contents": "0",
        "Delivered messages": "1",
    }
    assert ended.result["sentence"] == "5 items were removed."
    assert [each["detail"] for each in ended.progress["milestones"][1:]] == ["1", "2", "1", "0", "1"]
    assert await paths(services.files) == set()
    after = await untouchable(database)
    assert {name for name in before if after[name] < before[name]} == set()


async def test_counting_says_what_would_go_and_leaves_it(desk: Desk, database: Database) -> None:
    await put(database, session("old", OLD), draft(OLD))
    ended = await desk.ended(await desk.open_case("retention_cleanup", {"only_count": True}, "root"))
    assert ended.outcome == "counted"
    assert ended.result is not None
    assert ended.result["sentence"] == "2 items could be removed."
    assert await count(database, Session) == await count(database, Draft) == 1


async def test_a_large_set_goes_on_in_new_runs_that_know_what_the_former_did(
    desk: Desk, database: Database, planned: Plan
) -> None:
    planned(batch=2, batches_a_call=2, calls_a_run=3)
    await put(database, *(session(f"s{number}", OLD) for number in range(21)), *(draft(OLD) for _ in range(15)))
    case = await desk.open_case("retention_cleanup", {}, "root")
    ended = await desk.ended(case)
    assert ended.result is not None
    assert (ended.result["facts"]["Expired sessions"], ended.result["facts"]["Old drafts"]) == ("21", "15")
    assert [each["state"] for each in ended.progress["milestones"]] == ["done"] * 6
    runs = [run async for run in desk.client.list_workflows(f"WorkflowId = '{case.workflow_id}'")]
    assert len(runs) == 3


async def test_a_recall_stops_it_between_two_calls_in_whatever_run(
    desk: Desk, database: Database, planned: Plan
) -> None:
    planned(batch=1, batches_a_call=1, calls_a_run=5)
    await put(database, *(session(f"s{number}", OLD) for number in range(300)))
    case = await desk.open_case("retention_cleanup", {}, "root")
    await desk.in_a_later_run(case)
    await withdraw(database, by_key(), case.reference, "Not now.", by=await person(database, "root"))
    ended = await desk.ended(case)
    assert ended.outcome == "recalled"
    assert ended.result is not None
    removed = int(ended.result["facts"]["Expired sessions"])
    assert 0 < removed < 300
    assert await count(database, Session) == 300 - removed


async def test_bytes_that_lost_their_row_go_too(
    desk: Desk, database: Database, services: Services, tmp_path: Path
) -> None:
    await services.files.put_async("default/0199a0a4-1f3c-7d2a-8b1e-0123456789ab", b"abc")
    make_old(tmp_path / "files")
    ended = await desk.ended(await desk.open_case("retention_cleanup", {}, "root"))
    assert ended.result is not None
    assert ended.result["facts"]["Orphaned file contents"] == "1"
