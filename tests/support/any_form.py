"""Generated forms: models with any fields, tables and groups, and values for them."""

import keyword
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal

from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, create_model

from backend.kit.fields import FormField
from backend.kit.form_check import IN_A_START_FORM
from backend.kit.money import Amount
from backend.kit.text import single_line

DEEPEST = 2
LETTERS = st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp", "Co", "Cn", "Cf"))
TEXT = st.text(LETTERS, min_size=1, max_size=30).map(single_line).filter(bool)
PARAGRAPHS = st.lists(TEXT, min_size=1, max_size=3).map("\n".join)
# Names that templates, dictionaries and other processes give a meaning.
TELLING = [
    "items", "values", "keys", "get", "title", "case", "attachments", "cost_centre", "currency_code", "amend_within",
    "amount", "name", "label", "form", "fields", "rows", "text", "value", "path", "error", "id", "class_", "groups",
]  # fmt: skip


class Size(StrEnum):
    """A choice whose values need words."""

    SMALL = "small"
    EXTRA_LARGE = "extra_large"


class Priced(BaseModel):
    """A row with a total."""

    model_config = ConfigDict(extra="forbid")

    @property
    def total(self) -> Decimal:
        """A constant total."""
        return Decimal("12.50")


class Plain(BaseModel):
    """A row or form without a total."""

    model_config = ConfigDict(extra="forbid")


@dataclass(frozen=True)
class Leaf:
    """A type of field and its possible values; `default` makes it optional."""

    annotation: Any
    values: st.SearchStrategy[Any]
    default: Any = ...


DAYS = st.dates(date(2000, 1, 1), date(2090, 1, 1))
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - zone beside
LEAVES = [
    Leaf(str, TEXT),
    Leaf(str | None, st.none() | TEXT, None),
    Leaf(Annotated[str, FormField(widget="long")], PARAGRAPHS),
    Leaf(Annotated[str, FormField(widget="long", markdown=True)] | None, st.none() | st.just("Plain words"), None),
    Leaf(Annotated[str, FormField(lookup="cost_centres")], st.sampled_from(["4200", "1000"])),
    Leaf(Annotated[str, FormField(lookup="managers")], st.sampled_from(["mona", "max"])),
    Leaf(int, st.integers(-(10**9), 10**9)),
    Leaf(int | None, st.none() | st.integers(0, 99), None),
    Leaf(float, st.floats(-1e9, 1e9).map(lambda value: round(value, 6) + 0.0)),
    Leaf(Decimal, st.decimals(0, 10**6, places=3)),
    Leaf(Annotated[Amount, FormField(widget="money")], st.decimals(0, 10**9, places=2)),
    Leaf(date, DAYS),
    Leaf(date | None, st.none() | DAYS, None),
    Leaf(datetime, MOMENTS),
    Leaf(bool, st.booleans(), False),
    Leaf(bool | None, st.none() | st.booleans(), None),
    Leaf(Literal["a", "b c"], st.sampled_from(["a", "b c"])),
    Leaf(Literal[1, 2], st.sampled_from([1, 2])),
    Leaf(Annotated[Literal["x", "y"], FormField(labels={"x": "The first"})], st.sampled_from(["x", "y"])),
    Leaf(Size, st.sampled_from(Size)),
    Leaf(list[str], st.lists(TEXT, max_size=3)),
    Leaf(list[Literal["red", "green"]], st.lists(st.sampled_from(["red", "green"]), max_size=2, unique=True)),
    Leaf(list[Size], st.lists(st.sampled_from(Size), max_size=2, unique=True)),
]
SINGLE = [leaf for leaf in LEAVES if not str(leaf.annotation).startswith("list")]
KINDS = ("leaf", "leaf", "leaf", "rows", "group")


def _usable(name: str) -> bool:
    taken = keyword.iskeyword(name) or name in IN_A_START_FORM or name.startswith(("model_", "total"))
    return not taken and name not in dir(BaseModel) and not name.endswith("_upload")


NAMES = st.sampled_from(TELLING) | st.from_regex(r"[a-z][a-z0-9_]{0,9}", fullmatch=True).filter(_usable)


@dataclass(frozen=True)
class AnyForm:
    """A model, and a strategy for completed forms of it."""

    model: type[BaseModel]
    filled: st.SearchStrategy[BaseModel]


@st.composite
def any_form(draw: st.DrawFn, depth: int = 0) -> AnyForm:
    """A form with one to five fields; below the top, groups and rows with fields of their own."""
    fields: dict[str, Any] = {}
    values: dict[str, st.SearchStrategy[Any]] = {}
    for number, name in enumerate(draw(st.lists(NAMES, min_size=1, max_size=5, unique=True))):
        kind = draw(st.sampled_from(KINDS)) if number and depth < DEEPEST else "leaf"
        info: dict[str, Any] = {"title": f"Label {depth}{number}"}
        if kind == "leaf":
            leaf = draw(st.sampled_from(LEAVES if number else SINGLE))
            annotation, values[name] = leaf.annotation, leaf.values
            info |= {} if leaf.default is ... else {"default": leaf.default}
        else:
            inner = draw(any_form(depth + 1))
            annotation = list[inner.model] if kind == "rows" else inner.model  # type: ignore[name-defined]
            values[name] = st.lists(inner.filled, max_size=3) if kind == "rows" else inner.filled
        fields[name] = (annotation, Field(**info))
    base = draw(st.sampled_from((Plain, Priced)))
    model = create_model("AnyForm", __base__=base, **fields)
    return AnyForm(model, st.fixed_dictionaries(values).map(lambda given: model(**given)))
