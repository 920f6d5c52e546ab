"""The list of processes matches the files on disk."""

import inspect
from pathlib import Path

import backend.workflows
from backend.processes import PROCESSES

FOLDER = Path(backend.workflows.__path__[0])


def file_of(workflow: type) -> str:
    return Path(inspect.getfile(workflow)).name


def test_every_workflow_file_is_a_process_or_the_child_of_one_and_every_entry_has_its_file() -> None:
    processes = {file_of(process.workflow) for process in PROCESSES}
    children = {file_of(child) for process in PROCESSES for child in process.children}
    assert processes == {f"{process.key}_workflow.py" for process in PROCESSES}
    assert processes | children == {file.name for file in FOLDER.glob("*_workflow.py")}
    assert not processes & children


def test_every_action_has_a_key_of_its_own_and_a_form_that_can_be_drawn() -> None:
    for process in PROCESSES:
        keys = [action.key for action in process.actions]
        assert len(keys) == len(set(keys)), process.key
        for action in process.actions:
            assert action.input.model_config.get("extra") == "forbid", (process.key, action.key)


def test_columns_of_lists_are_short_fields_of_the_form() -> None:
    for process in PROCESSES:
        fields = process.input.model_fields
        assert set(process.columns) <= set(fields), process.key
        assert all(process.column_labels().values())


def test_whose_workflow_needs_approval_says_so() -> None:
    for process in PROCESSES:
        code = inspect.getsource(process.workflow)
        assert process.needs_approval == ("self.request_approval(" in code or "self.require_approvals(" in code), (
            process.key
        )
