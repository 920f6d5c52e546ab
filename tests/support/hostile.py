"""Invalid inputs: each is a valid one with a single fault, and the place of the expected error."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from backend.api.routes.core.examples import example_of
from backend.kit.forms import FieldShape, describe

Path = tuple[str | int, ...]
NO_TEXT: tuple[Any, ...] = (7, True, {}, [], ["a"], {"$ne": ""}, "a\0b")
NO_NUMBER: tuple[Any, ...] = (
    "many", "", {}, [], [1], "NaN", "Infinity", "-Infinity", "1e400", "1,5", True, None,
    "1e3", "1_000", "１２３", "١٢٣", "1 000", "+7",
)  # fmt: skip
NO_AMOUNT: tuple[Any, ...] = ("-1.00", "0", "1.001", "9" * 30, {"amount": "12.00", "currency": "USD"})
NO_DAY: tuple[Any, ...] = (4_083_868_800, "4083868800", "2099-06-01T00:00:00", "2099-06-01T00:00:00-11:00")
NO_DATE: tuple[Any, ...] = ("", "tomorrow", "2099-02-30", "01/02/2099", {}, [], True, "2020-01-01", None, *NO_DAY)
NO_ANSWER: tuple[Any, ...] = ("perhaps", 7, {}, [], "")
NO_CHOICE: tuple[Any, ...] = ("", "none of these", 7, {}, [], None, "a\0b")
NO_ROWS: tuple[Any, ...] = ("a", {}, 7, None, [None], ["a"], [[]], {"0": {}})
WRONG = {"text": NO_TEXT, "long": NO_TEXT, "number": NO_NUMBER, "money": (*NO_NUMBER, *NO_AMOUNT), "date": NO_DATE}
WRONG |= {
    "yes_no": NO_ANSWER,
    "choice": NO_CHOICE,
    "rows": NO_ROWS,
    "group": NO_ROWS,
    "files": ("a", {}, 7, ["a"], [{}], ["../etc/passwd"]),
}

# What shows nothing: zero-width characters, a soft hyphen, fillers, a wide space.
INVISIBLE = ("\u200b", "\u2060", "\ufeff", "\u00ad", "\u3164", "\u2800", "\u00a0\u200d\ufe0f")


@dataclass(frozen=True)
class Broken:
    """An input with a single fault."""

    what: str
    place: Path
    data: Any


def good(model: type[BaseModel]) -> dict[str, Any]:
    """The example of the API reference."""
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
    example: dict[str, Any] = example_of(schema, schema.pop("$defs", {}))
    return example


def broken(model: type[BaseModel]) -> Iterator[Broken]:
    """Every possible fault of each field at every depth."""
    example = good(model)
    yield from _inside(model, example, ())


def _inside(model: type[BaseModel], example: dict[str, Any], at: Path) -> Iterator[Broken]:
    inner = _at(example, at)
    yield Broken("an unknown field", (*at, "surprise"), _with(example, (*at, "surprise"), 1))
    yield Broken("an unknown dunder", (*at, "__class__"), _with(example, (*at, "__class__"), {}))
    for one in describe(model).fields:
        place = (*at, one.name)
        if one.name not in inner:
            continue
        yield from _wrong(one, example, place)
        if one.required:
            yield Broken("nothing at all", place, _with(example, place, None, remove=True))
        if one.kind == "rows" and one.model:
            yield from _rows(one, example, place)
        elif one.kind == "group" and one.model:
            yield from _inside(one.model, example, place)


def _wrong(one: FieldShape, example: dict[str, Any], place: Path) -> Iterator[Broken]:
    for value in WRONG.get(one.kind, ()):
        if value is None and not one.required:
            continue
        yield Broken(f"{value!r}", place, _with(example, place, value))
    if one.kind in {"text", "long"} and one.required:
        for blank in ("", " ", "\n\t ", *INVISIBLE):
            yield Broken(f"only {blank!r}", place, _with(example, place, blank))
        yield Broken("far too much text", place, _with(example, place, "a" * 30_000))


def _rows(one: FieldShape, example: dict[str, Any], place: Path) -> Iterator[Broken]:
    row = _at(example, place)[0]
    if one.required:
        yield Broken("no rows", place, _with(example, place, []))
    yield Broken("too many rows", place, _with(example, place, [row] * 201))
    assert one.model
    yield from _inside(one.model, example, (*place, 0))


def _at(data: Any, place: Path) -> Any:
    for part in place:
        data = data[part]
    return data


def _with(example: dict[str, Any], place: Path, value: Any, *, remove: bool = False) -> dict[str, Any]:
    changed = deepcopy(example)
    parent = _at(changed, place[:-1])
    if remove:
        del parent[place[-1]]
    else:
        parent[place[-1]] = value
    return changed
