"""`make bench`: run every benchmark against a fresh desk and print each promise with its result."""

import asyncio
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from tests.benchmarks.desk import ASKED, Desk, open_one, until
from tests.benchmarks.inbox import inbox
from tests.benchmarks.kit import kit
from tests.benchmarks.lists import lists
from tests.benchmarks.measures import Finding, a_process, memories, opening, polling, round_trips
from tests.support.running import running_in


def show(findings: list[Finding]) -> None:
    """Print one line for each result."""
    for finding in findings:
        sign = "≥" if finding.at_least else "≤"
        mark = "kept " if finding.kept else "SHORT"
        figures = f"{finding.found:.2f} ({sign} {finding.promised:.2f}; {finding.detail})"
        print(f"{mark} {finding.name}: {figures}", flush=True)  # noqa: T201


async def measure(folder: Path) -> bool:
    """Run every benchmark; True if every promise is kept."""
    kept = True
    with running_in(folder / "load") as running:
        desk = await Desk.of(running)
        address = running.environment["COUNTERSIGN_TEMPORAL_ADDRESS"]
        async with a_process("tests.benchmarks.by_hand", address, "countersign"):
            for one in (opening, round_trips, polling):
                findings = await one(desk)
                show(findings)
                kept &= all(finding.kept for finding in findings)
        show(sizes := memories(running))
        kept &= all(size.kept for size in sizes)
    with running_in(folder / "kit") as running:
        show(ratios := await kit(await Desk.of(running)))
        kept &= all(ratio.kept for ratio in ratios)
    for name, pages in (("lists", lists), ("inbox", inbox)):
        show(findings := await _with_one_case(folder / name, pages))
        kept &= all(finding.kept for finding in findings)
    return kept


async def _with_one_case(folder: Path, measure: Callable[[Desk], Awaitable[list[Finding]]]) -> list[Finding]:
    """Run a benchmark on a fresh desk with one open approval to copy."""
    with running_in(folder) as running:
        desk = await Desk.of(running)
        connection = desk.connections("ann", 1)[0]
        reference = await open_one(connection)
        connection.close()
        async with desk.database() as database:
            await until(database, ASKED, [reference], 1)
        return await measure(desk)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        sys.exit(0 if asyncio.run(measure(Path(folder))) else 1)
