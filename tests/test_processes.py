"""The list of processes matches the files on disk."""

import ast
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
    assert [process.key for process in PROCESSES if process.actions] == [
        "employee_onboarding",
        "order_fulfillment",
        "article_publication",
    ]


def test_columns_of_lists_are_short_fields_of_the_form() -> None:
    labels = {process.key: process.column_labels() for process in PROCESSES if process.columns}
    assert labels == {
        "purchase_approval": {"vendor": "Vendor", "cost_centre": "Cost centre", "needed_by": "Needed by"},
        "employee_onboarding": {"role": "Role", "department": "Department", "start_date": "First day"},
        "order_fulfillment": {"order_id": "Order number"},
    }


def test_whose_workflow_needs_approval_says_so() -> None:
    for process in PROCESSES:
        code = inspect.getsource(process.workflow)
        assert process.needs_approval == ("self.request_approval(" in code or "self.require_approvals(" in code), (
            process.key
        )


def outcomes_written_in(workflow: type) -> set[str]:
    """The literal outcomes in the file of this workflow: `CaseEnd(outcome="ordered")`."""
    tree = ast.parse(Path(inspect.getfile(workflow)).read_text())
    given = [each.value for each in ast.walk(tree) if isinstance(each, ast.keyword) and each.arg == "outcome"]
    return {each.value for each in given if isinstance(each, ast.Constant) and isinstance(each.value, str)}


def test_every_outcome_that_a_workflow_writes_is_one_that_it_declares() -> None:
    for process in PROCESSES:
        written = outcomes_written_in(process.workflow)
        assert written, process.key
        assert written <= process.workflow.outcomes <= set(process.outcomes), process.key
