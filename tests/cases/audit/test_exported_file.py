"""An exported audit log proves itself: every forgery, gap or cut is found, with and without our code."""

import asyncio
import csv
import io
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from backend.cases.audit.anchors import Anchors
from backend.cases.audit.chain import hash_of
from backend.cases.audit.exported_file import verify_file
from backend.cases.audit.log import COLUMNS, FORMAT, ExportFormat, export
from backend.cases.audit.record import record_fact
from backend.database.engine import Database
from tests.support.web import SECRET

ROWS = 8
Forge = Callable[[list[str]], list[str]]


async def exported(
    database: Database, kind: ExportFormat = ExportFormat.JSONL, anchors: Anchors | None = None
) -> list[str]:
    """The lines of an export with some rows, one of them hostile."""
    async with database.transaction("default") as session:
        for number in range(ROWS - 1):
            await record_fact(session, "default", "case.open", "ann", f"PUR-{number:06d}", version=1)
        await record_fact(session, "default", "=cmd()", 'a"b,\nc\u2028', "@SUM(1)", reason="ü\r\n\U0001f600")
    text = "".join([part async for part in export(database, "default", kind, anchors)])
    return text.splitlines(keepends=True) if kind is ExportFormat.JSONL else [text]


def change_row(lines: list[str], place: int, **changes: object) -> list[str]:
    """The same file with one row changed."""
    row = json.loads(lines[place]) | changes
    return [*lines[:place], json.dumps(row) + "\n", *lines[place + 1 :]]


def forged_body(lines: list[str]) -> list[str]:
    return change_row(lines, 3, body=json.loads(lines[3])["body"].replace("ann", "eve"))


def forged_with_a_new_hash(lines: list[str]) -> list[str]:
    row = json.loads(lines[3])
    body = row["body"].replace("ann", "eve")
    return change_row(lines, 3, body=body, hash=hash_of(row["previous"], row["seq"], body))


def spaces_in_a_body(lines: list[str]) -> list[str]:
    return change_row(lines, 3, body=json.loads(lines[3])["body"].replace(": ", ":"))


def dropped(lines: list[str]) -> list[str]:
    return [*lines[:4], *lines[5:]]


def dropped_first(lines: list[str]) -> list[str]:
    return [lines[0], *lines[2:]]


def swapped(lines: list[str]) -> list[str]:
    return [*lines[:3], lines[4], lines[3], *lines[5:]]


def doubled(lines: list[str]) -> list[str]:
    return [*lines[:4], lines[3], *lines[4:]]


def cut_off(lines: list[str]) -> list[str]:
    return lines[:-3]


def cut_off_with_the_old_end(lines: list[str]) -> list[str]:
    return [*lines[:-3], lines[-1]]


def torn(lines: list[str]) -> list[str]:
    return [*lines[:-1], lines[-1][:10]]


FORGERIES: list[Forge] = [
    forged_body,
    forged_with_a_new_hash,
    spaces_in_a_body,
    dropped,
    dropped_first,
    swapped,
    doubled,
    cut_off,
    cut_off_with_the_old_end,
    torn,
]


def written(tmp_path: Path, lines: list[str]) -> Path:
    file = tmp_path / "audit.jsonl"
    file.write_text("".join(lines), encoding="utf-8", newline="")
    return file


def without_us(file: Path) -> subprocess.CompletedProcess[str]:
    """The ten lines of the documentation that an auditor runs, without our code."""
    page = (Path(__file__).parents[3] / "docs" / "audit-format.md").read_text()
    found = re.search(r"```python\n(.*?)```", page, re.DOTALL)
    assert found
    return subprocess.run(
        [sys.executable, "-I", "-c", found[1], str(file)], capture_output=True, text=True, check=False
    )


async def test_an_export_proves_itself_with_and_without_us(database: Database, tmp_path: Path) -> None:
    file = written(tmp_path, await exported(database))
    report = verify_file(file)
    assert (report.tenant, report.rows, report.reason) == ("default", ROWS, "")
    outside = await asyncio.to_thread(without_us, file)
    assert outside.stdout == f"{ROWS} rows verified, head {report.head}\n", outside.stderr


@pytest.mark.parametrize("forge", FORGERIES)
async def test_every_forgery_is_found_with_and_without_us(database: Database, tmp_path: Path, forge: Forge) -> None:
    file = written(tmp_path, forge(await exported(database)))
    report = verify_file(file)
    assert not report.ok
    assert report.broken_at == report.rows + 1
    assert (await asyncio.to_thread(without_us, file)).returncode != 0


async def test_a_cut_with_a_forged_end_is_found_by_a_hash_that_was_noted(database: Database, tmp_path: Path) -> None:
    lines = await exported(database)
    noted = json.loads(lines[-1])["head"]
    last = json.loads(lines[-3])
    end = json.dumps({"end": True, "rows": last["seq"], "head": last["hash"]}) + "\n"
    file = written(tmp_path, [*lines[:-2], end])
    assert verify_file(file).ok
    assert "its last entries were removed" in verify_file(file, noted).reason
    assert verify_file(written(tmp_path, lines), noted).ok
    assert verify_file(written(tmp_path, lines), last["hash"].upper()).ok


async def test_an_export_is_signed_and_anchored(database: Database, tmp_path: Path) -> None:
    anchors, others = Anchors(tmp_path, [SECRET]), Anchors(tmp_path, ["another key of the tests, as long as that"])
    lines = await exported(database, anchors=anchors)
    end = json.loads(lines[-1])
    assert anchors.read().hashes["default"] == {ROWS: end["head"]}
    file = written(tmp_path, lines)
    report = verify_file(file, anchors=anchors)
    assert (report.ok, report.signed) == (True, True)
    assert verify_file(file, anchors=others).reason == "The end line is not signed with our keys."
    shorter = {"end": True, "rows": ROWS - 1, "head": json.loads(lines[-3])["hash"], "signature": end["signature"]}
    file = written(tmp_path, [*lines[:-2], json.dumps(shorter) + "\n"])
    assert verify_file(file, anchors=anchors).reason == "The end line is not signed with our keys."


async def test_csv_proves_itself_and_opens_in_a_spreadsheet_without_formulas(
    database: Database, tmp_path: Path
) -> None:
    (text,) = await exported(database, ExportFormat.CSV)
    file = tmp_path / "audit.csv"
    file.write_text(text, encoding="utf-8", newline="")
    report = verify_file(file)
    assert (report.rows, report.reason) == (ROWS, "")
    assert text.startswith("\ufeffseq,")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert not any(value.startswith(("=", "@", "+", "-")) for row in rows for value in row.values())
    assert json.loads(rows[-1]["body"])["action"] == "=cmd()"
    for old, new in (
        ("ann,PUR-000003", "eve,PUR-000003"),
        ("PUR-000003", "PUR-000009"),
        (f"\r\n{ROWS - 1},", "\r\n9,"),
    ):
        assert old in text
        file.write_text(text.replace(old, new, 1), encoding="utf-8", newline="")
        assert not verify_file(file).ok


BEGUN = {
    "jsonl": json.dumps({"format": FORMAT, "tenant": "default"}).encode() + b"\n",
    "csv": ",".join(COLUMNS).encode() + b"\r\n",
}


@pytest.mark.parametrize("kind", BEGUN)
@pytest.mark.parametrize("rest", [b"\xff\xfe\r\n", b'1,"torn', b"[" * 100_000, b'1,,h,t,a,b,c,"[]"\r\n', b"\0\r\n"])
def test_whatever_stands_in_a_file_is_read_or_refused(tmp_path: Path, kind: str, rest: bytes) -> None:
    file = tmp_path / "audit"
    file.write_bytes(BEGUN[kind] + rest)
    report = verify_file(file)
    assert (report.ok, report.broken_at) == (False, 1)
    file.write_bytes(rest)
    assert not verify_file(file).ok


@pytest.mark.parametrize("text", ["", "{}", "[]", "nonsense", '{"format": "countersign-audit/2", "tenant": "x"}\n'])
def test_a_file_that_is_no_export_is_no_proof(tmp_path: Path, text: str) -> None:
    assert verify_file(written(tmp_path, [text])).reason == "This is no export of an audit trail."
