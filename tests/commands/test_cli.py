"""Operator commands: their output, and exit code 0 only without problems."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import update
from typer.testing import CliRunner, Result

from backend.cases.audit.anchors import Anchors, Head
from backend.cases.audit.chain import hash_of
from backend.cases.audit.verify import heads
from backend.cli import app
from backend.commands.keys import write_private_file
from backend.database.engine import Database
from backend.database.tables import OutboxRow
from backend.embedded.postgres import EmbeddedPostgres
from backend.settings import configured_plan, environment_file, settings
from tests.cases.audit.test_manipulations import manipulated, the_newest_rows_are_deleted
from tests.support.outbox import a_case
from tests.support.postgres import run_as_owner
from tests.support.temporal import PAYLOAD_KEYS
from tests.support.web import NOBODY_LISTENS, SECRET

Run = Callable[..., Result]


@pytest.fixture
def run(
    cluster: EmbeddedPostgres, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Run]:
    """Run a command against this database, without Temporal."""
    given = {
        "DATABASE_URL": cluster.app_url,
        "TEMPORAL_ADDRESS": NOBODY_LISTENS,
        "SECRET_KEYS": SECRET,
        "PAYLOAD_KEYS": PAYLOAD_KEYS,
        "DATA_DIR": str(tmp_path),
    }
    for name, value in given.items():
        monkeypatch.setenv(f"COUNTERSIGN_{name}", value)

    def call(*arguments: str) -> Result:
        settings.cache_clear()
        return CliRunner().invoke(app, arguments)

    yield call
    settings.cache_clear()
    configured_plan.cache_clear()


def test_every_promised_command_is_there() -> None:
    words = CliRunner().invoke(app, ["--help"]).stdout
    promised = (
        "up web worker relay migrate seed doctor user token routes outbox reconcile dead-letters audit keys replay"
    )
    assert [word for word in promised.split() if word not in words] == []


def test_doctor_names_what_is_wrong_and_looks_at_the_rest_all_the_same(run: Run) -> None:
    result = run("doctor", "--json")
    found = {finding["part"]: finding for finding in json.loads(result.stdout)}
    assert result.exit_code == 1
    assert found["database"]["ok"]
    assert not found["Temporal"]["ok"]
    assert NOBODY_LISTENS in found["Temporal"]["words"]


def test_doctor_refuses_a_role_that_bypasses_row_level_security(
    run: Run, cluster: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COUNTERSIGN_DATABASE_URL", cluster.owner_url)
    words = run("doctor").stdout
    assert "FAILED  database: the role of DATABASE_URL owns tables or bypasses row-level security" in words


def test_a_token_is_printed_alone_and_a_wrong_person_or_scope_is_refused(run: Run) -> None:
    made = run("token", "create", "--user", "ann", "--name", "script", "--scope", "read")
    assert made.exit_code == 0
    assert made.stdout.startswith("cs_")
    assert len(made.stdout.split()) == 1
    assert run("token", "create", "--user", "nobody", "--name", "x").exit_code == 1
    assert run("token", "create", "--user", "ann", "--name", "x", "--scope", "all").exit_code == 2


async def test_a_person_is_added_once_and_only_where_they_fit(run: Run, cluster: EmbeddedPostgres) -> None:
    def add(name: str, *more: str) -> Result:
        return run("user", "add", name, "--full-name", "Bea Bird", "--email", "bea@example.com", *more)

    good = ("--password", "twelve or more", "--manager", "mona", "--group", "employees")
    results = [
        await asyncio.to_thread(add, "bea", *more)
        for more in (good, good, ("--password", "short"), (*good, "--group", "kings"), (*good, "--manager", "zoe"))
    ]
    assert [result.exit_code for result in results] == [0, 1, 1, 1, 1]
    await run_as_owner(
        cluster, "DELETE FROM memberships WHERE person_id = 'bea'", "DELETE FROM people WHERE id = 'bea'"
    )


@pytest.mark.parametrize(
    ("name", "full_name", "email", "reason"),
    [
        ("jörg", "Jörg Ö", "jörg@example.com", "The part before the @"),
        ("jorg", "Jörg Ö", "jorg@ex ample.com", "The domain after the @"),
        ("jorg", "\u200b", "jorg@example.com", "Enter a full name"),
        ("\u2060", "Jörg Ö", "jorg@example.com", "Enter a username"),
        ("jo rg", "Jörg Ö", "jorg@example.com", "Enter a username"),
    ],
)
async def test_an_account_that_cannot_be_used_is_refused_with_the_reason(
    run: Run, database: Database, name: str, full_name: str, email: str, reason: str
) -> None:
    given = ("user", "add", name, "--full-name", full_name, "--email", email, "--password", "twelve or more")
    refused = await asyncio.to_thread(run, *given)
    assert refused.exit_code == 1
    assert reason in refused.output


async def test_what_was_set_aside_is_no_good_state_until_it_is_tried_again(run: Run, database: Database) -> None:
    await a_case(database)
    assert (await asyncio.to_thread(run, "outbox", "status")).exit_code == 0
    async with database.across_tenants() as session:
        await session.execute(update(OutboxRow).values(state="failed", error="no such process"))
    status = await asyncio.to_thread(run, "outbox", "status", "--json")
    assert (status.exit_code, json.loads(status.stdout)["failed"]) == (1, 1)
    listed = await asyncio.to_thread(run, "dead-letters", "list")
    assert (listed.exit_code, "no such process" in listed.stdout) == (1, True)
    assert "1 queued to be sent again" in (await asyncio.to_thread(run, "dead-letters", "replay")).stdout
    listed = await asyncio.to_thread(run, "dead-letters", "list")
    assert (listed.exit_code, listed.stdout) == (0, "No message failed permanently.\n")
    unknown = await asyncio.to_thread(run, "dead-letters", "replay", "99999")
    assert (unknown.exit_code, unknown.stderr) == (1, "No failed message has the ID 99999.\n")


async def test_a_forged_trail_is_no_good_state(run: Run, database: Database, cluster: EmbeddedPostgres) -> None:
    await a_case(database)
    assert (await asyncio.to_thread(run, "audit", "verify")).exit_code == 0
    await run_as_owner(cluster, "UPDATE audit SET body = replace(body, 'ann', 'eve')")
    result = await asyncio.to_thread(run, "audit", "verify")
    assert result.exit_code == 1
    assert "BROKEN at row 1" in result.stdout


async def test_newest_rows_that_are_gone_are_missed_by_the_anchors(
    run: Run, database: Database, cluster: EmbeddedPostgres, tmp_path: Path
) -> None:
    for _ in range(6):
        await a_case(database)
    Anchors(tmp_path, [SECRET]).add(await heads(database))
    assert "anchored up to row 6" in (await asyncio.to_thread(run, "audit", "verify")).stdout
    await manipulated(cluster, the_newest_rows_are_deleted)
    result = await asyncio.to_thread(run, "audit", "verify")
    assert result.exit_code == 1
    assert "BROKEN at row 5. Entries were removed: 6 were anchored, 4 remain." in result.stdout


def test_keys_from_the_environment_are_shown_to_be_set_and_those_of_files_are_rotated(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = dict(line.split("=", 1) for line in run("keys", "rotate").stdout.splitlines() if "=" in line)
    assert shown["COUNTERSIGN_PAYLOAD_KEYS"].endswith(f",{PAYLOAD_KEYS}")
    for name, value in (("SECRET_KEYS", SECRET), ("PAYLOAD_KEYS", PAYLOAD_KEYS)):
        monkeypatch.delenv(f"COUNTERSIGN_{name}")
        write_private_file(tmp_path / name.lower().removesuffix("s").replace("_", "-"), value)
    write_private_file(environment_file(tmp_path), f"COUNTERSIGN_PAYLOAD_KEYS='{PAYLOAD_KEYS}'\n")
    assert "Keys rotated" in run("keys", "rotate").stdout
    assert (tmp_path / "payload-key").read_text().endswith(f",{PAYLOAD_KEYS}")
    assert (tmp_path / "secret-key").read_text().endswith(f",{SECRET}")
    assert (tmp_path / "payload-key").stat().st_mode & 0o077 == 0


def test_without_a_database_it_says_what_to_do(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COUNTERSIGN_DATABASE_URL")
    result = run("outbox", "status")
    assert result.exit_code == 2
    assert "countersign up" in result.stderr
    monkeypatch.setenv("COUNTERSIGN_DATABASE_URL", "postgresql+asyncpg://x:x@127.0.0.1:9/x")
    assert "not responding" in run("audit", "verify").stderr


def test_an_exported_trail_is_verified_from_its_file_alone(run: Run, tmp_path: Path) -> None:
    row = {"seq": 1, "previous": "", "hash": hash_of("", 1, "{}"), "body": "{}"}
    header = {"format": "countersign-audit/1", "tenant": "default", "exported_at": "2026-11-25T10:00:00+00:00"}
    end = {"end": True, "rows": 1, "head": row["hash"]}
    file = tmp_path / "audit.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in (header, row, end)))
    good = run("audit", "verify", "--file", str(file), "--head", str(row["hash"]), "--json")
    assert (good.exit_code, json.loads(good.stdout)[0]["rows"]) == (0, 1)
    assert run("audit", "verify", "--file", str(file)).stdout.endswith(", not signed\n")
    end["signature"] = Anchors(tmp_path, [SECRET]).signature("default", Head(rows=1, hash=str(row["hash"])))
    file.write_text("".join(json.dumps(line) + "\n" for line in (header, row, end)))
    assert run("audit", "verify", "--file", str(file)).stdout.endswith(", signed\n")
    file.write_text(file.read_text().replace('"{}"', '"{ }"'))
    bad = run("audit", "verify", "--file", str(file))
    assert (bad.exit_code, "BROKEN at row 1" in bad.stdout) == (1, True)
    assert run("audit", "verify", "--head", "00").exit_code == 2


@pytest.mark.parametrize("command", ["up", "web"])
@pytest.mark.parametrize("wrong", ["two days", "5", "-PT5S", "P99999999D"])
def test_a_duration_that_cannot_be_kept_is_told_at_the_start(
    run: Run, monkeypatch: pytest.MonkeyPatch, command: str, wrong: str
) -> None:
    monkeypatch.setenv("COUNTERSIGN_PURCHASE_APPROVAL__MANAGER_DUE", wrong)
    configured_plan.cache_clear()
    result = run(command)
    assert result.exit_code == 2
    assert "COUNTERSIGN_PURCHASE_APPROVAL__MANAGER_DUE" in result.stderr
    assert wrong in result.stderr


def test_set_up_puts_the_command_beside_python() -> None:
    command = Path(sys.executable).with_name("countersign")
    done = subprocess.run([command, "--help"], capture_output=True, text=True, check=False, cwd="/")
    assert "Usage: countersign" in done.stdout, done.stderr
