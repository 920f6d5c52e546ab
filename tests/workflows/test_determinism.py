"""What workflows do is the same at every replay, as far as their text shows it.

Ruff refuses clocks, randomness and I/O by their names (`backend/workflows/ruff.toml`). No linter knows that going
through a set has another order in another process, nor looks into the vocabulary that workflows use; a workflow that
does either works for weeks and fails at the first replay elsewhere. Hence this check of our own.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import backend

ROOT = Path(backend.__path__[0])
WORKFLOWS = sorted((ROOT / "workflows").rglob("*.py"))
FORBIDDEN = {
    "asyncio.wait", "asyncio.as_completed", "asyncio.sleep", "datetime.now", "datetime.utcnow", "datetime.today",
    "date.today", "time.time", "time.monotonic", "uuid4", "uuid1", "uuid.uuid4", "uuid.uuid1", "open", "input",
    "random.random", "random.choice", "secrets.token_hex", "os.getenv",
}  # fmt: skip
IN_ORDER = {"list", "tuple", "enumerate", "iter", "next", "map", "filter", "zip", "fromkeys", "join", "extend"}


def vocabulary() -> list[Path]:
    """The modules of the kit that workflows use."""
    trees = [ast.parse(file.read_text()) for file in WORKFLOWS]
    used = {node.module or "" for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    return sorted(ROOT.parent / f"{each.replace('.', '/')}.py" for each in used if each.startswith("backend.kit."))


def name_of(node: ast.expr) -> str:
    """`asyncio.wait` for the attribute, `open` for the name."""
    if isinstance(node, ast.Attribute):
        return f"{name_of(node.value).rpartition('.')[2]}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def is_set(node: ast.expr, sets: set[str]) -> bool:
    """Whether this expression is a set."""
    if isinstance(node, ast.BinOp):
        return is_set(node.left, sets) or is_set(node.right, sets)
    made = isinstance(node, ast.Call) and name_of(node.func) in {"set", "frozenset"}
    return made or isinstance(node, ast.Set | ast.SetComp) or name_of(node) in sets


def gone_through(node: ast.AST) -> Iterator[ast.expr]:
    """The expressions that this node iterates over."""
    if isinstance(node, ast.For | ast.AsyncFor | ast.comprehension):
        yield node.iter
    elif isinstance(node, ast.Starred | ast.YieldFrom):
        yield node.value
    elif isinstance(node, ast.Call) and name_of(node.func).rpartition(".")[2] in IN_ORDER:
        yield from node.args


def faults(code: str) -> list[str]:
    """Lines that may behave differently at a replay."""
    tree = ast.parse(code)
    sets = {
        name_of(target)
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None and is_set(node.value, set())
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
    } - {""}
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and name_of(node.func) in FORBIDDEN]
    loops = [one for node in ast.walk(tree) for one in gone_through(node) if is_set(one, sets)]
    found = [(node.lineno, ast.unparse(node)) for node in (*calls, *loops)]
    return [f"{line}: {text}" for line, text in sorted(found)]


@pytest.mark.parametrize("file", [*WORKFLOWS, *vocabulary()], ids=lambda file: str(file.relative_to(ROOT)))
def test_no_workflow_depends_on_anything_but_its_history(file: Path) -> None:
    assert faults(file.read_text()) == []


@pytest.mark.parametrize(
    "code",
    [
        "await asyncio.wait(tasks)",
        "for one in asyncio.as_completed(tasks): pass",
        "at = datetime.now(UTC)",
        "number = uuid4()",
        "for part in {'a', 'b'}: pass",
        "parts = {1, 2}\nfor part in parts: pass",
        "self.waiting = set(names)\norder = [x for x in self.waiting]",
        "', '.join({name for name in names})",
        "first, *rest = [*frozenset(names)]",
        "order = list(set(names) - {'ann'})",
    ],
)
def test_each_of_these_is_caught(code: str) -> None:
    assert len(faults(code)) == 1, code


@pytest.mark.parametrize(
    "code", ["yes = x in {1, 2}", "order = sorted(set(names))", "known = {1}\nyes = 2 in known", "at = workflow.now()"]
)
def test_these_are_fine(code: str) -> None:
    assert faults(code) == []
