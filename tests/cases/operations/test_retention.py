"""What retention removes and keeps, and what happens when two runs overlap."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from obstore.store import LocalStore, ObjectStore

from backend.cases.operations.retention import Leftover, Sweep, Swept, sweep
from backend.database.engine import Database
from backend.database.ids import new_id
from backend.database.tables import Draft, File, OutboxRow, Session
from tests.support.leftovers import count, draft, file, make_old, paths, put, sent, session, untouchable
from tests.support.outbox import a_case

AGE = timedelta(days=10)
OLD, YOUNG = AGE + timedelta(hours=1), AGE - timedelta(hours=1)


@pytest.fixture
def store(tmp_path: Path) -> ObjectStore:
    return LocalStore(tmp_path)


def order(kind: Leftover, key: str = "RET-1", **changes: int) -> Sweep:
    size = {"batch": 100, "batches": 100, **changes}
    return Sweep(tenant="default", key=f"{key}:{kind}", kind=kind, older_than=AGE, **size)


async def remove(database: Database, store: ObjectStore, given: Sweep, done: int = 0) -> Swept:
    return await sweep(database, store, given, done, lambda _: None)


async def test_ended_sessions_old_drafts_and_passed_on_messages_go_and_younger_ones_stay(
    database: Database, store: ObjectStore
) -> None:
    case = await a_case(database)
    await put(database, session("old", OLD), session("young", YOUNG), draft(OLD), draft(YOUNG), draft(YOUNG))
    await put(database, sent(case, OLD), sent(case, OLD), sent(case, YOUNG), sent(case, OLD, state="failed"))
    before = await untouchable(database)
    kinds = (Leftover.SESSIONS, Leftover.DRAFTS, Leftover.MESSAGES)
    gone = [await remove(database, store, order(kind)) for kind in kinds]
    assert [each.removed for each in gone] == [1, 1, 2]
    left = [await count(database, table) for table in (Session, Draft, OutboxRow)]
    assert left == [1, 2, 3]  # of the messages: the young one, the one set aside, and the start that waits
    assert await untouchable(database) == before


async def test_a_file_goes_with_its_bytes_unless_a_case_or_a_draft_has_it(
    database: Database, store: ObjectStore
) -> None:
    case = await a_case(database)
    lost, young = await file(database, store, OLD), await file(database, store, YOUNG)
    attached, drafted = await file(database, store, OLD, case), await file(database, store, OLD)
    await put(database, draft(YOUNG, drafted))
    assert (await remove(database, store, order(Leftover.FILES))).removed == 1
    assert await paths(store) == {str(young), str(attached), str(drafted)}
    assert await count(database, File) == 3
    assert str(lost) not in await paths(store)


async def test_bytes_without_a_row_go_and_strange_names_and_other_tenants_stay(
    database: Database, store: ObjectStore, tmp_path: Path
) -> None:
    known, lost, fresh = await file(database, store, OLD), new_id(), new_id()
    for path in (f"default/{lost}", f"default/{fresh}", "default/readme.txt", f"acme/{new_id()}"):
        await store.put_async(path, b"abc")
    make_old(tmp_path, fresh)
    swept = await remove(database, store, order(Leftover.BYTES))
    assert swept == Swept(removed=1)
    assert await paths(store) == {str(known), str(fresh), "readme.txt"}
    assert len([path for path in (tmp_path / "acme").iterdir() if path.is_file()]) == 1


async def test_bytes_that_are_gone_already_are_no_error(database: Database, store: ObjectStore) -> None:
    gone = await file(database, store, OLD)
    await store.delete_async(f"default/{gone}")
    assert (await remove(database, store, order(Leftover.FILES))).removed == 1


@pytest.mark.parametrize("kind", list(Leftover))
async def test_counting_removes_nothing(database: Database, store: ObjectStore, kind: Leftover, tmp_path: Path) -> None:
    case = await a_case(database)
    await put(database, session("old", OLD), draft(OLD), sent(case, OLD))
    await file(database, store, OLD)
    await store.put_async(f"default/{new_id()}", b"abc")
    make_old(tmp_path)
    counting = order(kind).model_copy(update={"only_count": True})
    assert [await remove(database, store, counting) for _ in range(2)] == [Swept(removed=1)] * 2
    assert [await count(database, table) for table in (Session, Draft, OutboxRow, File)] == [1, 1, 2, 1]
    assert len(await paths(store)) == 2


async def test_another_tenants_leftovers_are_not_ours(database: Database, store: ObjectStore) -> None:
    await put(database, session("old", OLD))
    given = order(Leftover.SESSIONS).model_copy(update={"tenant": "acme"})
    assert (await remove(database, store, given)).removed == 0
    assert await count(database, Session) == 1


async def test_a_call_does_its_batches_and_says_that_there_is_more(database: Database, store: ObjectStore) -> None:
    await put(database, *(session(f"s{number}", OLD) for number in range(25)))
    given = order(Leftover.SESSIONS, batch=5, batches=2)
    assert await remove(database, store, given) == Swept(removed=10, more=True)
    assert await remove(database, store, given) == Swept(removed=20, more=True)
    assert await remove(database, store, given) == Swept(removed=25)


async def test_a_call_that_is_repeated_does_only_what_is_left_of_it(database: Database, store: ObjectStore) -> None:
    await put(database, *(session(f"s{number}", OLD) for number in range(25)))
    given = order(Leftover.SESSIONS, batch=5, batches=4)
    beats: list[int] = []

    def die_after_three(done: int) -> None:
        beats.append(done)
        if done == 3:
            raise ConnectionError

    with pytest.raises(ConnectionError):
        await sweep(database, store, given, 0, die_after_three)
    assert await remove(database, store, given, done=beats[-1]) == Swept(removed=20, more=True)


async def test_eight_at_once_remove_each_thing_once_and_count_it_once(database: Database, store: ObjectStore) -> None:
    await put(database, *(session(f"s{number}", OLD) for number in range(400)))
    for _ in range(30):
        await file(database, store, OLD)
    kinds = (Leftover.SESSIONS, Leftover.FILES)
    runs = [remove(database, store, order(kind, key=f"RET-{n}", batch=7)) for n in range(4) for kind in kinds]
    swept = await asyncio.gather(*runs)
    # What was held by another run at that moment is left for the next one.
    swept += [await remove(database, store, order(kind, key="RET-9")) for kind in kinds]
    assert sum(each.removed for each in swept) == 430
    assert await count(database, Session) == 0
    assert await paths(store) == set()
