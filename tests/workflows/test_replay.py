"""Stored histories are replayed, which catches code that would break running cases."""

from pathlib import Path

from backend.commands.replay import replay_folder
from backend.processes import by_key
from tests.support.changed_workflow import ChangedPurchase
from tests.support.temporal import HISTORIES
from tests.support.web import web_settings


async def test_every_kept_history_can_be_replayed(tmp_path: Path) -> None:
    found = await replay_folder(web_settings("", tmp_path), HISTORIES)
    assert found.broken == {}
    assert found.replayed == len(list(HISTORIES.rglob("*.json")))


def test_every_process_has_kept_histories() -> None:
    assert {folder.name for folder in HISTORIES.iterdir()} == set(by_key())


async def test_a_changed_workflow_is_caught_where_it_changed(tmp_path: Path) -> None:
    found = await replay_folder(web_settings("", tmp_path), HISTORIES / "purchase_approval", [ChangedPurchase])
    ordered = {name for name in found.broken if "needs_the_manager_alone" in name or "of_finance" in name}
    assert len(ordered) == 3
    assert list((HISTORIES / "purchase_approval").glob("*rejected*"))
    assert not any("rejected" in name for name in found.broken)
