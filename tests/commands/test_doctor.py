"""The doctor names every problem of an installation."""

from pathlib import Path

from backend.commands.doctor import examine
from tests.support.web import NOBODY_LISTENS, web_settings


async def test_every_part_that_is_away_is_told_in_words(tmp_path: Path) -> None:
    nowhere = f"postgresql+asyncpg://nobody:nothing@{NOBODY_LISTENS}/none"
    found = {finding.part: finding for finding in await examine(web_settings(nowhere, tmp_path))}
    assert {part for part, finding in found.items() if not finding.ok} == {
        "database",
        "tenant",
        "Temporal",
        "workers",
        "outbox",
    }
    assert all(len(finding.words.split()) > 1 for finding in found.values()), found
