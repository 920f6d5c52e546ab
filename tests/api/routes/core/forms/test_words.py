"""Several entries in one field: each keeps its commas, semicolons and quotation marks."""

from typing import Annotated

import pytest
from pydantic import BaseModel

from backend.api.routes.core.forms.decoder import decode
from backend.api.routes.core.forms.values import to_values
from backend.kit.fields import FormContext, FormField

ENTRIES = ["budget, 2027", "a; b", 'so-called "news"', "plain"]


class Tagged(BaseModel):
    """A form with a list of texts."""

    tags: Annotated[list[str], FormField()]


@pytest.mark.parametrize("entries", [ENTRIES, ENTRIES[:1], []])
def test_entries_come_back_from_a_filled_form_as_they_were(entries: list[str]) -> None:
    filled = to_values(Tagged, {"tags": entries})
    pairs = [(name, value) for name, values in filled.items() for value in values]
    assert decode(Tagged, pairs, FormContext(today=None, choices={})).data.get("tags", []) == entries
