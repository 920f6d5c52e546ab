"""Text for a CSV file that a spreadsheet opens: no cell of it becomes a formula, wherever the file is split."""

import json
import re
from collections.abc import Mapping

BOM = "\ufeff"
"""What a file begins with so that spreadsheets read it as UTF-8."""
# What begins a formula, in full width too; after spaces that are not seen, and where another separator would split.
_FORMULA = re.compile("(^|[;\t\r\n])((?:[^\\S\t\r\n]|[\u200b\ufeff\"'])*)([=+@\uff1d\uff0b\uff20\uff0d-])")


def no_formula(value: str) -> str:
    """The text with an apostrophe in front of what would be a formula, at its start and after each separator."""
    if value.startswith(("\t", "\r")):
        value = f"'{value}"
    return _FORMULA.sub(r"\1'\2\3", value)


_GUARDED = re.compile("(^|[;\t\r\n])'((?:[^\\S\t\r\n]|[\u200b\ufeff\"'])*[=+@\uff1d\uff0b\uff20\uff0d-])")


def plain_text(cell: str) -> str:
    """A cell without the apostrophes that `no_formula` put there; any other cell as it is."""
    plain = _GUARDED.sub(r"\1\2", cell)
    return plain if no_formula(plain) == cell else cell


_IN_JSON = re.compile("(; *)([=+@-])")


def json_without_formulas(content: Mapping[str, object]) -> str:
    """The content as JSON with sorted keys; what would be a formula after a semicolon is written as an escape."""
    written = json.dumps(content, sort_keys=True, default=str)
    return _IN_JSON.sub(lambda found: f"{found[1]}\\u{ord(found[2]):04x}", written)
