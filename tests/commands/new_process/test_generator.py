"""The names of new processes, and the input that is refused before anything is written."""

import ast
from pathlib import Path

import pytest

from backend.commands.new_process.generator import ROOT, NameRefused, new_process, write


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with the folders that the generator writes to."""
    for folder in ("backend/workflows", "backend/activities", "tests/workflows"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "backend/processes.py").write_text((ROOT / "backend/processes.py").read_text())
    return tmp_path


@pytest.mark.parametrize("name", ["expense_refund", "expense-refund", "expense_refund_workflow", " expense_refund "])
def test_a_name_becomes_a_key_a_class_and_two_files(name: str) -> None:
    made = new_process(name)
    assert (made.key, made.model, made.title) == ("expense_refund", "ExpenseRefund", "Expense refund")
    assert made.workflow_file == "backend/workflows/expense_refund_workflow.py"


@pytest.mark.parametrize(
    "name",
    ["", "Expense", "1st", "a__b", "_a", "a b", "../evil", "class", "ä", "a" * 41, "case", "step", "process", "money"],
)
def test_a_name_that_code_cannot_have_is_refused(name: str) -> None:
    with pytest.raises(NameRefused):
        new_process(name)


@pytest.mark.parametrize(
    ("title", "domain", "activity"),
    [('A "title"', "", ""), ("A {title}", "", ""), ("", "No Domain", ""), ("", "", "pay"), ("", "", "Pay_It")],
)
def test_so_are_other_words_that_would_break_the_code(title: str, domain: str, activity: str) -> None:
    with pytest.raises(NameRefused):
        new_process("expense_refund", title, domain, activity)


@pytest.mark.parametrize("name", ["a", "an_unusually_long_name_for_any_process"])
@pytest.mark.parametrize("activity", ["", "pay_refund"])
def test_short_and_long_names_give_code_with_an_entry_and_a_free_prefix(
    checkout: Path, name: str, activity: str
) -> None:
    written = write(new_process(name, activity=activity), checkout)
    assert len(written) == (4 if activity else 3)
    for file in written:
        ast.parse(file.read_text())
    listed = (checkout / "backend/processes.py").read_text()
    assert f'key="{name}"' in listed
    prefixes = [line.strip() for line in listed.splitlines() if line.strip().startswith("prefix=")]
    assert len(set(prefixes)) == len(prefixes)


def test_two_processes_get_different_prefixes(checkout: Path) -> None:
    write(new_process("expense_refund"), checkout)
    write(new_process("expense_report"), checkout)
    listed = (checkout / "backend/processes.py").read_text()
    assert 'prefix="EXP"' in listed
    assert listed.count('prefix="EXP"') == 1


def test_nothing_is_written_over_and_nothing_by_halves(checkout: Path) -> None:
    there = checkout / "tests/workflows/test_expense_refund_workflow.py"
    there.write_text("mine")
    with pytest.raises(NameRefused, match="already exists"):
        write(new_process("expense_refund"), checkout)
    assert there.read_text() == "mine"
    assert list((checkout / "backend/workflows").iterdir()) == []


def test_a_process_that_stands_is_not_written_again() -> None:
    with pytest.raises(NameRefused, match="already"):
        new_process("purchase_approval")
