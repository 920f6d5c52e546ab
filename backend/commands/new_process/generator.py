"""Generate a working process to start from: its workflow, its test and its entry in the list."""

import ast
import keyword
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from string import Template

from backend.processes import PROCESSES

ROOT = Path(__file__).parents[3]
LONGEST = 40
_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_LIST_ENDS = "\n    *MAINTENANCE,\n)\n"
_NOT_HERE = "Run this in a checkout of Countersign: {} does not exist here."


class NameRefused(Exception):
    """This name cannot be used for a process; the message says why."""


@dataclass(frozen=True)
class NewProcess:
    """The names of a process to generate."""

    key: str
    title: str
    domain: str
    activity: str = ""

    @property
    def model(self) -> str:
        """The name of its input model; the workflow's is this with `Workflow`."""
        return _class_name(self.key)

    @property
    def workflow_file(self) -> str:
        """The file of its workflow."""
        return f"backend/workflows/{self.key}_workflow.py"

    @property
    def test_file(self) -> str:
        """The file of its test."""
        return f"tests/workflows/test_{self.key}_workflow.py"

    @property
    def activity_file(self) -> str:
        """The file of its own activity, if it has one."""
        return f"backend/activities/{self.activity}_activity.py"


def new_process(name: str, title: str = "", domain: str = "", activity: str = "") -> NewProcess:
    """The process with this name. NameRefused if it is not a valid name in code, or taken."""
    key = name.strip().replace("-", "_").removesuffix("_workflow")
    activity = activity.strip().replace("-", "_").removesuffix("_activity")
    for each in (key, *filter(None, (activity, domain))):
        if not _NAME.fullmatch(each) or keyword.iskeyword(each) or len(each) > LONGEST:
            raise NameRefused(
                f"“{each}” is not a valid name. Use a name like expense_refund, at most {LONGEST} characters."
            )
    if activity and "_" not in activity:
        raise NameRefused(f"“{activity}” does not name an action on something. Use a name like pay_refund.")
    made = NewProcess(key, title.strip() or key.replace("_", " ").capitalize(), domain or "office", activity)
    if any(character in made.title for character in '"\\\n{}'):
        raise NameRefused("A title cannot contain quotation marks, backslashes, braces or line breaks.")
    if key in {process.key for process in PROCESSES}:
        raise NameRefused(f"A process {key} already exists.")
    imported = _names_of(_workflow(made)) | _names_of((ROOT / "backend/processes.py").read_text())
    if made.model in imported:
        raise NameRefused(f"“{key}” is taken: its code would import something else called {made.model}.")
    return made


def write(made: NewProcess, root: Path = ROOT) -> list[Path]:
    """Write its files and its entry into a checkout; nothing if one of the files already exists."""
    if find_spec("ruff") is None:
        raise NameRefused("Run `make setup` first: its tools are missing.")
    contents = {made.workflow_file: _workflow(made), made.test_file: _filled("test", made)}
    if made.activity:
        contents[made.activity_file] = _filled("activity", made)
    listed = root / "backend/processes.py"
    for path in contents:
        if not (root / path).parent.is_dir():
            raise NameRefused(_NOT_HERE.format(Path(path).parent))
        if (root / path).exists():
            raise NameRefused(f"{path} already exists.")
    contents["backend/processes.py"] = _listed(made, listed.read_text())
    written = [root / path for path in contents]
    for path, content in contents.items():
        (root / path).write_text(content)
    _tidy(written)
    _update_messages(root)
    return written


def prove(made: NewProcess, root: Path = ROOT) -> bool:
    """Run its test and keep the histories of its workflows for replay tests; whether the test passed."""
    command = [sys.executable, "-m", "pytest", "-q", made.test_file]
    done = subprocess.run(command, cwd=root, env=os.environ | {"KEEP_HISTORIES": "1"}, check=False)  # noqa: S603
    return done.returncode == 0


def _class_name(key: str) -> str:
    return "".join(word.capitalize() for word in key.split("_"))


def _names_of(source: str) -> set[str]:
    """The names that a module imports."""
    imports = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ImportFrom)]
    return {name.asname or name.name for node in imports for name in node.names}


def _workflow(made: NewProcess) -> str:
    return _filled("workflow", made)


def _filled(template: str, made: NewProcess, **more: str) -> str:
    text = (files(__package__) / f"{template}.txt").read_text()
    words = {"key": made.key, "title": made.title, "domain": made.domain, "model": made.model}
    return Template(text).substitute(words | _activity_words(made) | more)


def _activity_words(made: NewProcess) -> dict[str, str]:
    """What its own activity adds; without one, nothing."""
    if not made.activity:
        return dict.fromkeys(_ACTIVITY, "") | {"run_docstring": "Get the manager's approval."}
    action, _, entity = made.activity.partition("_")
    given = {
        "activity": made.activity,
        "activity_model": f"{_class_name(made.activity)}Request",
        "activity_title": f"{action.capitalize()} the {entity.replace('_', ' ')}",
        "activity_words": f"{action} the {entity.replace('_', ' ')}",
        "domain": made.domain,
    }
    return given | {name: Template(text).safe_substitute(given) for name, text in _ACTIVITY.items() if text}


_ACTIVITY = {
    "activity": "",
    "activity_model": "",
    "activity_title": "",
    "activities": "$activity,",
    "activity_import": "    from backend.activities.${activity}_activity import $activity, $activity_model\n",
    "activity_helpers": """\
    from backend.workflows.core.retry_policies import PATIENT
    from backend.workflows.core.task_queues import activity_queue

OUTSIDE = workflow.ActivityConfig(
    task_queue=activity_queue("$domain"),
    start_to_close_timeout=timedelta(seconds=30),
    retry_policy=PATIENT,
)
""",
    "activity_milestone": ', Milestone(key="done", label=N_("$activity_title"))',
    "run_docstring": "Get the manager's approval, then $activity_words.",
    "activity_call": "        await self._$activity()\n",
    "activity_step": """
    async def _$activity(self) -> None:
        self.progress.begin("done", N_("$activity_title"), workflow.now())
        request = $activity_model(tenant=self.case.tenant, key=f"{self.case.reference}:done")
        await workflow.execute_activity($activity, request, **OUTSIDE)
        self.progress.done("done", workflow.now())
""",
}


def _prefix(made: NewProcess, listed: str) -> str:
    """Three letters for references that no other process uses."""
    taken = {process.prefix for process in PROCESSES} | set(re.findall(r'prefix="([A-Z]+)"', listed))
    letters = made.key.replace("_", "").upper() + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    fitting = (letters[:2] + letter for letter in letters[2:])
    return next(prefix for prefix in fitting if prefix not in taken)


def _listed(made: NewProcess, source: str) -> str:
    """The list with the new entry and its imports."""
    if source.count(_LIST_ENDS) != 1:
        raise NameRefused("backend/processes.py does not end its list as this command expects.")
    entry = _filled("entry", made, prefix=_prefix(made, source))
    names = f"{made.model}, {made.model}Plan, {made.model}Workflow, {made.key}_milestones, {made.key}_steps"
    imports = f"from backend.workflows.{made.key}_workflow import {names}\n"
    if made.activity:
        imports += f"from backend.activities.{made.activity}_activity import {made.activity}\n"
    source = source.replace("from backend.", f"{imports}from backend.", 1)
    return source.replace(_LIST_ENDS, f"\n{entry.rstrip()}{_LIST_ENDS}")


def _tidy(written: list[Path]) -> None:
    """Sort imports and wrap lines with the formatter of the project."""
    for command in (("check", "--quiet", "--select", "I", "--fix"), ("format", "--quiet")):
        subprocess.run([sys.executable, "-m", "ruff", *command, *map(str, written)], check=True)  # noqa: S603


def _update_messages(root: Path) -> None:
    """Add the new texts to the message catalogues, so that the checks stay green."""
    if (root / "backend/locales").is_dir():
        subprocess.run([sys.executable, "-m", "backend.commands.messages"], cwd=root, check=True, capture_output=True)
