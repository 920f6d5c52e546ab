"""The list of processes and the files on disk say the same."""

import inspect
from pathlib import Path

import backend.workflows
from backend.processes import PROCESSES

FOLDER = Path(backend.workflows.__path__[0])


def test_every_workflow_file_is_in_the_list_and_every_entry_has_its_file() -> None:
    listed = {Path(inspect.getfile(process.workflow)).name for process in PROCESSES}
    assert listed == {file.name for file in FOLDER.glob("*_workflow.py")}
    assert listed == {f"{process.key}_workflow.py" for process in PROCESSES}
