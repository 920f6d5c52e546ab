"""Text for a CSV file that a spreadsheet opens: no cell of it becomes a formula, wherever the file is split."""

import re

BOM = "\ufeff"
"""What a file begins with so that spreadsheets read it as UTF-8."""
# What begins a formula, in full width too; after spaces that are not seen, and where another separator would split.
_FORMULA = re.compile("(^|[;\t\r\n])((?:[^\\S\t\r\n]|[\u200b\ufeff\"'])*)([=+@\uff1d\uff0b\uff20\uff0d-])")


def no_formula(value: str) -> str:
    """The text with an apostrophe in front of what would be a formula, at its start and after each separator."""
    if value.startswith(("\t", "\r")):
        value = f"'{value}"
    return _FORMULA.sub(r"\1'\2\3", value)
