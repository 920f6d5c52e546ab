"""One word for each thing, one thing for each word: words that were replaced must not come back.

Somebody new to the code, or to the screen, should not need a glossary. Synonyms and metaphors creep in one by one,
so this test reads every name and every text, and says which word to use instead.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer
from fastapi import FastAPI
from jinja2 import Environment

from backend.api.main import rest_router
from backend.cli import app as cli

ROOT = Path(__file__).parents[1]
BACKEND = ROOT / "backend"

# Words in names, and the word to use instead. Several words are consecutive parts of one name.
IDENTIFIERS = {
    "acts": "actions",
    "acting": "actions",
    "apart": "partition",
    "asking": "request (an approval)",
    "asking back": "questions",
    "ballot": "decision",
    "beside": "the relation: next, additional",
    "bookkeeping": "workflow writes",
    "choosing": "decisions, pending choices",
    "delegate": "request_advice, or reassign",
    "delegation": "consultation (advice), or reassignment",
    "doorkeeper": "authenticator",
    "ears": "recipients",
    "ending": "completion, or outcome",
    "endings": "completion, or outcomes",
    "figures": "counts, or metrics",
    "former": "previous",
    "hand over": "reassign",
    "here": "locked (a LockedApproval)",
    "lane": "partition",
    "letter": "email",
    "letters": "emails",
    "listener": "recipient",
    "listeners": "recipients",
    "look after": "operate, administer",
    "looking after": "administration",
    "mended": "reconciled",
    "mending": "reconcile",
    "news": "notice, notification",
    "nudge": "timer, TimerFired",
    "nudging": "timers",
    "own turns": "my_tasks",
    "performing": "actions",
    "possible acts": "available_actions",
    "postman": "mailer",
    "rerouting": "offboarding",
    "scene": "locked approval",
    "standing": "eligibility",
    "stands": "is, covers for",
    "tally": "counters",
    "tell": "notify",
    "telling": "notify",
    "tells": "notifies",
    "together": "batching",
    "told": "notified",
    "turns": "my_tasks, worker_loop",
    "undoing": "retract",
    "upkeep": "maintenance",
    "way back": "changes requested",
    "whoever": "the role",
    "why not": "refusal",
    "wish": "preference",
    "wishes": "preferences",
}
# Ordinary words that are wrong only as the name of a class.
CLASSES = {
    "Act": "Action",
    "Answer": "Decision",
    "Ballot": "Decision",
    "Choice": "DecisionKind, DecisionOption",
    "Door": "Address",
    "Listener": "Recipient",
    "News": "Notice",
    "Nudge": "TimerFired",
    "Part": "ChildProcess",
    "Place": "Pending",
    "Room": "Service",
    "Standing": "Eligibility",
}
SIGNS = "[«»]"  # also right next to a word, where the others have to be words of their own
# Words of sentences that people read. Alternatives are separated by |.
TEXTS = {
    SIGNS: "“ ”",
    "a no|a yes|yeses|noes": "rejects, approves; approval",
    "audit trail": "audit log",
    "ballot|ballots": "decision",
    "beside": "next to, in addition to",
    "bookkeeping|tally|figures": "counts, metrics",
    "delegate|delegated|delegation": "request advice, reassign",
    "for ever|forever": "permanently",
    "former": "previous",
    "hand over|handed over|hand to|hand it to": "reassign",
    "kept filter|kept filters": "saved filters",
    "let lie": "overdue",
    "letter|letters|postman": "email",
    "look after|looks after|looking after": "operate; Administration",
    "mails|(?:a|by|each|every|no|the|this) mail(?! server| catcher)": "email",
    "mend|mended|mending": "fix, correct",
    "nudge|nudges": "reminder",
    "possible acts": "available actions",
    "recall|recalled|recalls": "withdraw",
    "send back|sent back|sends back|sending back": "request changes",
    "stands|stands in|stand in": "is; covers for",
    "take back|taken back|take it back": "withdraw, undo, reverse",
    "tells|told": "notify, show",
    "way back": "request changes",
    "whoever": "anyone who, or the role",
}
# Not enforced yet: still being replaced. Remove a word when it is gone.
PENDING_NAMES: tuple[str, ...] = ()
PENDING_TEXTS: tuple[str, ...] = ()
# Phrases in which a banned word is right, with the reason.
ALLOWED = {
    "dead letters": "the standard term for messages that cannot be delivered, and the name of a command",
    "dead-letters": "the same, as the command is written",
}
# Names that have to keep a banned word, by the file they are in, with the reason.
ALLOWED_NAMES = {
    ("backend/kit/policy.py", "delegation"): "the name of this field over REST and in the histories of running cases",
}


def words_of(name: str) -> list[str]:
    """The words of a name in snake_case or CamelCase, in lower case."""
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)]


def names() -> Iterator[tuple[str, str]]:
    """Every name of a module, folder, class, function and parameter in the backend, and where it is."""
    for file in sorted(BACKEND.rglob("*.py")):
        place = str(file.relative_to(ROOT))
        yield from ((part, place) for part in Path(place).with_suffix("").parts)
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                yield node.name, f"{place}:{node.lineno}"
            elif isinstance(node, ast.arg):
                yield node.arg, f"{place}:{node.lineno}"


def without_allowed(text: str) -> str:
    """The text without phrases in which a banned word is right."""
    for phrase in ALLOWED:
        text = text.replace(phrase, "")
    return text


def wrong_names(names: Iterator[tuple[str, str]], pending: tuple[str, ...] = PENDING_NAMES) -> list[str]:
    """What is wrong with these names: the name, where it is, and the word to use."""
    found = set()
    for name, place in names:
        if (place.partition(":")[0], name) in ALLOWED_NAMES:
            continue
        spoken = f" {without_allowed(' '.join(words_of(name)))} "
        banned = [word for word in IDENTIFIERS if f" {word} " in spoken]
        found |= {f"{place}: {name}: not “{word}”, but {IDENTIFIERS[word]}" for word in banned if word not in pending}
        if name in CLASSES and name not in pending:
            found.add(f"{place}: {name}: not “{name}”, but {CLASSES[name]}")
    return sorted(found)


def wrong_texts(texts: Iterator[tuple[str, str]], pending: tuple[str, ...] = PENDING_TEXTS) -> list[str]:
    """What is wrong with these texts: where it is, the text, and the word to use. Code in backticks is not read."""
    found = []
    for text, place in texts:
        read = without_allowed(re.sub(r"```.*?```|`[^`]*`|\{[^}]*\}|https?://\S+", "", text, flags=re.DOTALL))
        for banned, better in TEXTS.items():
            whole = banned if banned == SIGNS else rf"(?<![\w-])(?:{banned})(?![\w-])"
            wrong = re.search(whole, read, re.IGNORECASE)
            if wrong and banned not in pending:
                found.append(f"{place}: “{' '.join(read.split())[:90]}”: not “{wrong[0]}”, but {better}")
    return sorted(found)


def marked_texts() -> Iterator[tuple[str, str]]:
    """What Python marks for translation, and the messages that errors carry in their docstrings."""
    for file in sorted(BACKEND.rglob("*.py")):
        place = str(file.relative_to(ROOT))
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"N_", "NN_"}:
                literals = [each.value for each in node.args if isinstance(each, ast.Constant)]
                yield from ((text, f"{place}:{node.lineno}") for text in literals if isinstance(text, str))
            elif isinstance(node, ast.ClassDef) and any(_is_error_code(line) for line in node.body):
                yield ast.get_docstring(node) or "", f"{place}:{node.lineno}"


def _is_error_code(line: ast.stmt) -> bool:
    return isinstance(line, ast.Assign) and ast.unparse(line.targets[0]) == "code"


def template_texts() -> Iterator[tuple[str, str]]:
    """What templates show: text, attributes that are read, and sentences inside of expressions."""
    jinja = Environment(trim_blocks=True, lstrip_blocks=True)  # noqa: S701 - it reads templates and renders none
    shown = re.compile(r'(?:title|aria-label|placeholder|alt)="([^"]*)"|>([^<>]+)<|^([^<>]+)<|>([^<>]+)$')
    for file in sorted((ROOT / "frontend" / "templates").rglob("*.*")):
        place = str(file.relative_to(ROOT))
        for line, kind, token in jinja.lex(file.read_text()):
            if kind == "data":
                texts = ["".join(found) for found in shown.findall(token)] if "<" in token or ">" in token else [token]
                yield from ((text, f"{place}:{line}") for text in texts if '="' not in text)
            elif kind == "string" and (" " in token or token[1:2].isupper()):
                yield token[1:-1], f"{place}:{line}"


def command_texts() -> Iterator[tuple[str, str]]:
    """The help of every command and of its options."""

    def of(command: Any, path: str) -> Iterator[tuple[str, str]]:
        yield command.help or "", path
        for option in command.params:
            yield getattr(option, "help", "") or "", f"{path} {option.name}"
        for name, child in getattr(command, "commands", {}).items():
            yield from of(child, f"{path} {name}")

    return of(typer.main.get_command(cli), "countersign")


@cache
def _api() -> dict[str, object]:
    app = FastAPI()
    app.include_router(rest_router())
    return app.openapi()


def api_texts() -> Iterator[tuple[str, str]]:
    """Summaries and descriptions of the API reference."""

    def of(node: object, path: str) -> Iterator[tuple[str, str]]:
        if isinstance(node, dict):
            for key, value in node.items():
                if key in {"summary", "description"} and isinstance(value, str):
                    yield value, f"{path} {key}"
                else:
                    yield from of(value, f"{path}/{key}")
        elif isinstance(node, list):
            for value in node:
                yield from of(value, path)

    return of(_api(), "API")


def readme_texts() -> Iterator[tuple[str, str]]:
    """The paragraphs of the README, without code."""
    text = re.sub(r"```.*?```", "", (ROOT / "README.md").read_text(), flags=re.DOTALL)
    return ((paragraph, "README.md") for paragraph in re.split(r"\n\n|\n\|", text))


SOURCES = {
    "python": marked_texts,
    "templates": template_texts,
    "commands": command_texts,
    "api": api_texts,
    "readme": readme_texts,
}


def test_no_name_brings_a_replaced_word_back() -> None:
    wrong = wrong_names(names())
    assert wrong == [], "\n".join(wrong)


@pytest.mark.parametrize("source", SOURCES)
def test_no_text_brings_a_replaced_word_back(source: str) -> None:
    texts = list(SOURCES[source]())
    wrong = wrong_texts(iter(texts))
    assert len(texts) > 10, "nothing was read"
    assert wrong == [], "\n".join(wrong)


def test_pending_words_are_words_of_the_lists() -> None:
    assert set(PENDING_NAMES) <= {*IDENTIFIERS, *CLASSES}
    assert set(PENDING_TEXTS) <= set(TEXTS)


def test_allowed_names_are_still_there() -> None:
    assert set(ALLOWED_NAMES) <= {(place.partition(":")[0], name) for name, place in names()}


def test_replaced_words_are_found_in_names_and_texts() -> None:
    given = [("tell_people", "a"), ("PostmanLoop", "b"), ("Door", "c"), ("dead_letters_list", "d"), ("teller", "e")]
    assert [line[:2] for line in wrong_names(iter(given), pending=())] == ["a:", "b:", "c:"]
    texts = [("Whoever may", "a"), ("`recall` it", "b"), ("The dead-letters", "c"), ("Say «yes»", "d"), ("Stand", "e")]
    assert [line[:2] for line in wrong_texts(iter(texts), pending=())] == ["a:", "d:"]
