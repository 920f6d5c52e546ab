"""Verify an exported log by itself: without database or settings, from the file alone."""

import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from backend.cases.audit.anchors import Anchors, Head
from backend.cases.audit.chain import AuditReport, Chain, Link
from backend.cases.audit.log import COLUMNS, FORMAT, OWN
from backend.kit.spreadsheets import no_formula

Walk = Callable[[Iterator[str], Chain, Anchors | None], AuditReport]
# Errors from reading a file that is not an export: other bytes than text, torn quotation marks, endless brackets.
UNREADABLE = (ValueError, csv.Error, RecursionError)


def verify_file(file: Path, noted: str = "", anchors: Anchors | None = None) -> AuditReport:
    """Walk the rows of a file in either format; anything that is not as an export writes it breaks it.

    With `anchors`, a signature at its end has to be ours.
    """
    chain = Chain(file.name, noted, bound=False)
    with file.open(encoding="utf-8-sig", newline="") as lines:
        try:
            walk = _walk_of(lines.readline(), chain)
            if walk is None:
                return chain.refuse("This is no export of an audit trail.")
            return walk(lines, chain, anchors)
        except UNREADABLE:
            return chain.refuse(f"Row {chain.rows + 1} cannot be read.")


def _walk_of(first: str, chain: Chain) -> Walk | None:
    """How to walk the rest of a file that begins like this; None if it is no export."""
    if first.rstrip("\r\n") == ",".join(COLUMNS):
        return _csv
    try:
        header = json.loads(first)
        chain.belongs_to(str(header["tenant"]))
    except (*UNREADABLE, KeyError, TypeError):
        return None
    return _jsonl if header.get("format") == FORMAT else None


def _csv(lines: Iterator[str], chain: Chain, _: Anchors | None) -> AuditReport:
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
    body = json.loads(row["body"])
    return isinstance(body, dict) and all(row[key] == no_formula(str(body.get(key, ""))) for key in OWN)


def _jsonl(lines: Iterator[str], chain: Chain, anchors: Anchors | None) -> AuditReport:
    for line in lines:
        row = json.loads(line)
        if isinstance(row, dict) and "end" in row:
            return _ended(row, next(lines, None), chain, anchors)
        found = _link(row)
        if found is None:
            return chain.refuse(f"Row {chain.rows + 1} cannot be read.")
        if not chain.take(found):
            return chain.report()
    return chain.refuse("The file ends without its end line: rows were cut off.")


def _ended(end: dict[str, Any], more: str | None, chain: Chain, anchors: Anchors | None) -> AuditReport:
    if more is not None:
        return chain.refuse("Something follows the end line.")
    if (end.get("rows"), end.get("head")) != (chain.rows, chain.head):
        return chain.refuse(f"The end line speaks of {end.get('rows')} rows, but {chain.rows} are here.")
    signature = str(end.get("signature", ""))
    if anchors is None or not signature:
        return chain.report()
    if not anchors.signed(chain.tenant, Head(rows=chain.rows, hash=chain.head), signature):
        return chain.refuse("The end line is not signed with our keys.")
    return replace(chain.report(), signed=True)


def _link(row: Any) -> Link | None:
    try:
        return Link(int(row["seq"]), str(row["previous"]), str(row["hash"]), str(row["body"]))
    except (KeyError, ValueError, TypeError):
        return None
