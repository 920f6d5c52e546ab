"""A purchase got one step more while cases were under way, and lost it again: each goes on as it began.

The step came with a patch, and its work went into the last report with an edition, which costs no marker. A history of
each kind is kept. The test that makes one of today's kind stands here; the old ones were kept before.
"""

import base64
import json
from pathlib import Path

import pytest
from sqlalchemy import select

from backend.commands.replay import replay_folder
from backend.database.engine import Database
from backend.database.tables import Notification
from backend.kit.approval import DecisionKind
from backend.workflows.purchase_approval_workflow import TELL_APPROVERS
from tests.support.temporal import HISTORIES, Desk
from tests.support.unpatched_workflow import UnpatchedPurchase
from tests.support.web import web_settings

PURCHASES = HISTORIES / "purchase_approval"
BEFORE = PURCHASES / "from_1000_one_of_finance_is_asked_after_the_manager.json"
AFTER = PURCHASES / "those_who_approved_hear_what_came_of_it.json"
TODAY = PURCHASES / "those_who_approved_hear_of_the_end_as_the_requester_does.json"


async def told(database: Database) -> set[str]:
    """Who was notified of the end."""
    async with database.across_tenants() as session:
        ended = select(Notification.person_id).where(Notification.event == "ended")
        return set(await session.scalars(ended))


async def test_those_who_approved_hear_of_the_end_as_the_requester_does(desk: Desk, database: Database) -> None:
    case = await desk.open(total="1000.00")
    await desk.answer(case, "manager", "mona")
    await desk.answer(case, "finance", "fay")
    await desk.ended(case)
    assert await told(database) == {"ann", "mona", "fay"}


async def test_those_who_approved_what_was_rejected_later_hear_nothing_of_an_order(
    desk: Desk, database: Database
) -> None:
    case = await desk.open(total="1000.00")
    await desk.answer(case, "manager", "mona")
    await desk.answer(case, "finance", "fay", DecisionKind.REJECT, "Not this year.")
    await desk.ended(case)
    assert await told(database) == {"ann"}


def patches(history: Path) -> list[str]:
    """The patch markers in a history."""
    events = json.loads(history.read_text())["events"]
    markers = [event["markerRecordedEventAttributes"] for event in events if "markerRecordedEventAttributes" in event]
    marks = [marker["details"]["patch-data"] for marker in markers if marker["markerName"] == "core_patch"]
    return [json.loads(base64.b64decode(mark["payloads"][0]["data"]))["id"] for mark in marks]


def test_a_history_has_the_mark_if_its_step_came_with_the_patch() -> None:
    assert [patches(history) for history in (BEFORE, AFTER, TODAY)] == [[], [TELL_APPROVERS], []]


@pytest.mark.parametrize("history", [BEFORE, AFTER, TODAY], ids=["before", "after", "today"])
async def test_all_are_replayed_by_the_code_of_today(history: Path, tmp_path: Path) -> None:
    (tmp_path / history.name).symlink_to(history)
    found = await replay_folder(web_settings("", tmp_path), tmp_path)
    assert (found.replayed, found.broken) == (1, {})


async def test_without_the_patch_cases_from_before_would_break(tmp_path: Path) -> None:
    found = await replay_folder(web_settings("", tmp_path), PURCHASES, [UnpatchedPurchase])
    assert BEFORE.stem in found.broken
