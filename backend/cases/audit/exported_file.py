"""Verifying an exported trail by itself: no database, no settings, only the file."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from backend.cases.audit.chain import AuditReport, Chain, Link
from backend.cases.audit.trail import COLUMNS, FORMAT, OWN, no_formula


def verify_file(file: Path, noted: str = "") -> AuditReport:
    """Walk the rows of a file in either format; anything that is not as an export writes it breaks it."""
    with file.open(encoding="utf-8", newline="") as lines:
        first = lines.readline()
        if first.rstrip("\r\n") == ",".join(COLUMNS):
            return _csv(lines, Chain(file.name, noted))
        try:
            header = json.loads(first)
            tenant = str(header["tenant"]) if header["format"] == FORMAT else None
        except (ValueError, KeyError, TypeError):
            tenant = None
        if tenant is None:
            return Chain(file.name, noted).refuse("This is no export of an audit trail.")
        return _jsonl(lines, Chain(tenant, noted))


def _csv(lines: Iterator[str], chain: Chain) -> AuditReport:
    for row in csv.DictReader(lines, COLUMNS, strict=True):
        found = _link(row)
        if found is None or None in row:
            return chain.refuse(f"Row {chain.rows + 1} cannot be read.")
        if not _says_what_its_body_says(row):
            return chain.refuse(f"Row {chain.rows + 1} was changed: a column says something else than its body.")
        if not chain.take(found):
            break
    return chain.report()


def _says_what_its_body_says(row: dict[str, str]) -> bool:
    try:
        body = json.loads(row["body"])
    except ValueError:
        return False
    return all(row[key] == no_formula(str(body.get(key, ""))) for key in OWN)


def _jsonl(lines: Iterator[str], chain: Chain) -> AuditReport:
    for line in lines:
        try:
            row = json.loads(line)
        except ValueError:
            return chain.refuse(f"Row {chain.rows + 1} cannot be read.")
        if isinstance(row, dict) and "end" in row:
            return _ended(row, next(lines, None), chain)
        found = _link(row)
        if found is None:
            return chain.refuse(f"Row {chain.rows + 1} cannot be read.")
        if not chain.take(found):
            return chain.report()
    return chain.refuse("The file ends without its end line: rows were cut off.")


def _ended(end: dict[str, Any], more: str | None, chain: Chain) -> AuditReport:
    if more is not None:
        return chain.refuse("Something follows the end line.")
    if (end.get("rows"), end.get("head")) != (chain.rows, chain.head):
        return chain.refuse(f"The end line speaks of {end.get('rows')} rows, but {chain.rows} are here.")
    return chain.report()


def _link(row: Any) -> Link | None:
    try:
        return Link(int(row["seq"]), str(row["previous"]), str(row["hash"]), str(row["body"]))
    except (KeyError, ValueError, TypeError):
        return None
