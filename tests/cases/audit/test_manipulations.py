"""Twelve ways in which the owner of the database can change the audit log; the anchors outside find each of them."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from backend.cases.audit.anchors import FOLDER, Anchors
from backend.cases.audit.chain import AuditReport, hash_of
from backend.cases.audit.record import record_fact
from backend.cases.audit.verify import heads, verify
from backend.database.engine import Database
from backend.embedded.postgres import EmbeddedPostgres
from tests.support.web import SECRET

ROWS = 6
Manipulation = Callable[[Any], Awaitable[object]]


async def rehashed(owner: Any, tenant: str, first: int) -> None:
    """Compute the hashes of a suffix again, as the owner of the database can."""
    rows = await owner.fetch("SELECT seq, body, hash FROM audit WHERE tenant_id = $1 ORDER BY seq", tenant)
    previous = rows[first - 2]["hash"] if first > 1 else ""
    for row in rows[first - 1 :]:
        digest = hash_of(previous, row["seq"], row["body"])
        where = (tenant, row["seq"], previous, digest)
        await owner.execute("UPDATE audit SET previous = $3, hash = $4 WHERE tenant_id = $1 AND seq = $2", *where)
        previous = digest


async def a_body_is_changed(owner: Any) -> None:
    await owner.execute("UPDATE audit SET body = replace(body, 'ann', 'eve') WHERE tenant_id = 'default' AND seq = 3")


async def a_body_and_its_hash_are_changed(owner: Any) -> None:
    await a_body_is_changed(owner)
    row = await owner.fetchrow("SELECT previous, seq, body FROM audit WHERE tenant_id = 'default' AND seq = 3")
    digest = hash_of(*row)
    await owner.execute("UPDATE audit SET hash = $1 WHERE tenant_id = 'default' AND seq = 3", digest)


async def a_link_is_changed(owner: Any) -> None:
    await owner.execute("UPDATE audit SET previous = repeat('0', 64) WHERE tenant_id = 'default' AND seq = 3")


async def a_row_is_deleted(owner: Any) -> None:
    await owner.execute("DELETE FROM audit WHERE tenant_id = 'default' AND seq = 3")


async def the_first_row_is_deleted(owner: Any) -> None:
    await owner.execute("DELETE FROM audit WHERE tenant_id = 'default' AND seq = 1")


async def two_rows_are_swapped(owner: Any) -> None:
    for number in (3, 4):
        await owner.execute("UPDATE audit SET seq = $1 WHERE tenant_id = 'default' AND seq = $2", number - 7, number)
    await owner.execute("UPDATE audit SET seq = -seq WHERE seq < 0")


async def a_row_is_inserted_and_the_rest_hashed_again(owner: Any) -> None:
    await owner.execute("UPDATE audit SET seq = -seq - 1 WHERE tenant_id = 'default' AND seq > 2")
    await owner.execute("UPDATE audit SET seq = -seq WHERE seq < 0")
    copied = "SELECT tenant_id, 3, body, '', '' FROM audit WHERE tenant_id = 'default' AND seq = 2"
    await owner.execute(f"INSERT INTO audit (tenant_id, seq, body, previous, hash) {copied}")
    await rehashed(owner, "default", 3)


async def a_suffix_is_hashed_again(owner: Any) -> None:
    await a_body_is_changed(owner)
    await rehashed(owner, "default", 3)


async def the_newest_rows_are_deleted(owner: Any) -> None:
    await owner.execute("DELETE FROM audit WHERE tenant_id = 'default' AND seq > 4")


async def all_rows_of_a_tenant_are_deleted(owner: Any) -> None:
    await owner.execute("DELETE FROM audit WHERE tenant_id = 'default'")


async def the_logs_of_two_tenants_are_swapped(owner: Any) -> None:
    await owner.execute("UPDATE audit SET tenant_id = 'acme', seq = -seq WHERE tenant_id = 'default'")
    await owner.execute("UPDATE audit SET tenant_id = 'default' WHERE tenant_id = 'acme' AND seq > 0")
    await owner.execute("UPDATE audit SET seq = -seq WHERE seq < 0")


async def the_log_of_another_tenant_is_copied(owner: Any) -> None:
    await all_rows_of_a_tenant_are_deleted(owner)
    copied = "SELECT 'default', seq, body, previous, hash FROM audit WHERE tenant_id = 'acme'"
    await owner.execute(f"INSERT INTO audit (tenant_id, seq, body, previous, hash) {copied}")


MANIPULATIONS: list[Manipulation] = [
    a_body_is_changed,
    a_body_and_its_hash_are_changed,
    a_link_is_changed,
    a_row_is_deleted,
    the_first_row_is_deleted,
    two_rows_are_swapped,
    a_row_is_inserted_and_the_rest_hashed_again,
    a_suffix_is_hashed_again,
    the_newest_rows_are_deleted,
    all_rows_of_a_tenant_are_deleted,
    the_logs_of_two_tenants_are_swapped,
    the_log_of_another_tenant_is_copied,
]


async def two_logs(database: Database) -> None:
    """Rows of two tenants, as many of one as of the other."""
    for tenant in ("default", "acme"):
        async with database.transaction(tenant) as session:
            for number in range(ROWS):
                await record_fact(session, tenant, "case.open", "ann", f"PUR-{number:06d}")


async def manipulated(cluster: EmbeddedPostgres, manipulate: Manipulation) -> None:
    """Change the log as its owner can: no trigger and no wall is in the way."""
    owner = await asyncpg.connect(cluster.owner_url.replace("+asyncpg", ""))
    await owner.execute("SET session_replication_role = replica")
    await manipulate(owner)
    await owner.close()


async def report_of(database: Database, anchors: Anchors | None, tenant: str = "default") -> AuditReport:
    """What the verification says of one tenant."""
    return next(report for report in await verify(database, anchors) if report.tenant == tenant)


@pytest.mark.parametrize("manipulate", MANIPULATIONS)
async def test_every_manipulation_is_found(
    database: Database, cluster: EmbeddedPostgres, tmp_path: Path, manipulate: Manipulation
) -> None:
    assert len(MANIPULATIONS) == 12
    anchors = Anchors(tmp_path, [SECRET])
    await two_logs(database)
    anchors.add(await heads(database))
    intact = await report_of(database, anchors)
    assert (intact.ok, intact.rows, intact.anchored) == (True, ROWS, ROWS)
    await manipulated(cluster, manipulate)
    report = await report_of(database, anchors)
    assert report.reason
    assert not report.ok
    assert report.broken_at == report.rows + 1


async def test_a_chain_is_bound_to_its_tenant_without_any_anchor(database: Database, cluster: EmbeddedPostgres) -> None:
    await two_logs(database)
    await manipulated(cluster, the_logs_of_two_tenants_are_swapped)
    assert (await report_of(database, None)).reason == "Entry 1 belongs to the log of another tenant."
    assert (await report_of(database, None, "acme")).reason == "Entry 1 belongs to the log of another tenant."


async def test_anchors_themselves_cannot_be_changed_or_removed_unseen(database: Database, tmp_path: Path) -> None:
    anchors = Anchors(tmp_path, [SECRET])
    for _ in range(3):
        await two_logs(database)
        anchors.add(await heads(database))
    anchors.add(await heads(database))  # nothing is new, so nothing is added
    (file,) = (tmp_path / FOLDER).glob("*.jsonl")
    lines = file.read_text().splitlines(keepends=True)
    assert len(lines) == 3
    assert (await report_of(database, anchors)).anchored == 3 * ROWS
    file.write_text(lines[0] + lines[2])
    assert "were removed or changed" in (await report_of(database, anchors)).reason
    file.write_text("".join([lines[0], lines[1].replace('"rows":12', '"rows":11'), lines[2]]))
    assert "is not signed with our keys" in (await report_of(database, anchors)).reason
    file.write_text("".join(lines))
    rotated = Anchors(tmp_path, ["another key of the tests, as long as that", SECRET])
    assert (await report_of(database, rotated)).ok
    assert not (await report_of(database, Anchors(tmp_path, ["another key of the tests, as long as that"]))).ok


async def test_each_anchor_is_a_line_of_the_log_too(
    database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    anchors = Anchors(tmp_path, [SECRET])
    for _ in range(2):
        await two_logs(database)
        anchors.add(await heads(database))
    (file,) = (tmp_path / FOLDER).glob("*.jsonl")
    assert caplog.messages == [f"audit anchor {line}" for line in file.read_text().splitlines()]
