"""A data folder belongs to one `up` at a time."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from backend.cli import app
from backend.embedded.folder import locked
from backend.settings import environment_file


def test_a_second_up_leaves_the_first_one_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COUNTERSIGN_DATA_DIR", str(tmp_path))
    environment_file(tmp_path).write_text("COUNTERSIGN_DATABASE_URL='of the first one'\n")
    with locked(tmp_path):
        second = CliRunner().invoke(app, ["up"])
    assert second.exit_code == 2
    assert "already" in second.stderr
    assert environment_file(tmp_path).exists()
    assert not (tmp_path / "postgres").exists()


def test_a_folder_is_free_again_when_its_up_ended(tmp_path: Path) -> None:
    for _ in range(2):
        with locked(tmp_path):
            pass
