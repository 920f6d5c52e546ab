"""No text becomes a formula, whichever separator a spreadsheet splits the file at."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.kit.spreadsheets import json_without_formulas, no_formula, plain_text

FORMULA = re.compile("[\\s\u00a0\u200b\ufeff]*[=+@\uff1d\uff0b\uff20\uff0d-]")
HOSTILE = st.text(st.sampled_from(list("=+-@;,\t\r\n\u00a0\ufeff\uff1d\"' ax1")), max_size=12)


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("=1+1", "'=1+1"),
        ("x;=1+2;y", "x;'=1+2;y"),
        ('no;=HYPERLINK("http://evil.example";"click")', 'no;\'=HYPERLINK("http://evil.example";"click")'),
        ("\uff1d1+1", "'\uff1d1+1"),
        ("\u00a0=1+1", "'\u00a0=1+1"),
        ("a\n@SUM(1)", "a\n'@SUM(1)"),
        ("a\t-2+3", "a\t'-2+3"),
        ("plain, text; with - signs = none", "plain, text; with - signs = none"),
        ("2026-11-27T16:00:00+01:00", "2026-11-27T16:00:00+01:00"),
        ("Möbel", "Möbel"),
        ("", ""),
    ],
)
def test_a_formula_gets_an_apostrophe(typed: str, written: str) -> None:
    assert no_formula(typed) == written


@given(HOSTILE)
def test_no_cell_begins_a_formula_wherever_the_file_is_split(typed: str) -> None:
    parts = re.split("[;\t\r\n]", no_formula(typed).replace('"', ""))
    assert not any(FORMULA.match(part) for part in parts)


@given(st.dictionaries(HOSTILE, HOSTILE, max_size=3))
def test_json_means_the_same_and_holds_no_formula_at_a_semicolon(content: dict[str, str]) -> None:
    written = json_without_formulas(content)
    assert json.loads(written) == content
    assert not any(FORMULA.match(part) for part in written.replace('"', "").split(";"))


@given(HOSTILE)
def test_a_text_without_apostrophes_is_read_as_it_was_written(typed: str) -> None:
    text = typed.replace("'", "").lstrip("\t\r")
    assert plain_text(no_formula(text)) == text


@pytest.mark.parametrize("text", ["'t Hooft", "O'Neill", "'quoted'", "it's"])
def test_an_apostrophe_of_its_own_stays(text: str) -> None:
    assert plain_text(text) == text
