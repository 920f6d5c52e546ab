"""Files of an installation are for its owner alone; the way to the schema's owner is for `migrate` alone."""

import os
import stat
from pathlib import Path

import pytest

from backend.commands.up import OWNER_URL, _store_addresses
from backend.embedded.folder import make_private
from backend.settings import PREFIX, environment_file, owner_file, owner_settings, settings

APP_URL = f"{PREFIX}DATABASE_URL"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_what_an_earlier_release_left_open_is_closed(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir(mode=0o755)
    (tmp_path / "temporal.db").touch(mode=0o644)
    tmp_path.chmod(0o755)
    make_private(tmp_path)
    assert [mode(tmp_path), mode(tmp_path / "files"), mode(tmp_path / "temporal.db")] == [0o700, 0o700, 0o600]


def test_only_migrate_reads_the_address_of_the_owner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)
    monkeypatch.setenv(f"{PREFIX}DATA_DIR", str(tmp_path))
    env = {APP_URL: "postgresql+asyncpg://app@desk/desk", OWNER_URL: "postgresql+asyncpg://owner@desk/desk"}
    _store_addresses(tmp_path, env)
    settings.cache_clear()
    try:
        assert (settings().database_url, settings().database_owner_url) == (env[APP_URL], "")
    finally:
        settings.cache_clear()
    found = owner_settings()
    assert (found.database_url, found.database_owner_url) == (env[APP_URL], env[OWNER_URL])
    assert "owner" not in environment_file(tmp_path).read_text()
    assert [mode(environment_file(tmp_path)), mode(owner_file(tmp_path))] == [0o600, 0o600]
