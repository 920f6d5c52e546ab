"""The first start and accounts from the command line."""

import asyncio
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from backend.cases.core.password_links import PasswordLinks
from backend.cases.people.passwords import holder_of
from backend.cli import app
from backend.commands.first_start import REFUSED, added_demo, setup_page
from backend.database.engine import Database
from backend.embedded.postgres import EmbeddedPostgres
from backend.settings import settings
from tests.support.postgres import run_as_owner
from tests.support.web import ORIGIN, SECRET, web_settings
from tests.support.without_demo import with_admin

Run = Callable[..., Result]
SETUP = ("setup", "--tenant", "default", "--name", "Harbour Works", "--admin", "ida", "--email", "ida@harbour.example")
NILS = ("user", "invite", "nils", "--full-name", "Nils Dahl", "--email", "nils@harbour.example")


@pytest.fixture
def run(
    own_cluster: EmbeddedPostgres, own_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Run]:
    """Run a command against a database without the demo."""
    given = {
        "DATABASE_URL": own_cluster.app_url, "SECRET_KEYS": SECRET, "DATA_DIR": str(tmp_path), "BASE_URL": ORIGIN,
    }  # fmt: skip
    for name, value in given.items():
        monkeypatch.setenv(f"COUNTERSIGN_{name}", value)

    def call(*arguments: str) -> Result:
        settings.cache_clear()
        return CliRunner().invoke(app, arguments)

    yield call
    settings.cache_clear()


def holder(cluster: EmbeddedPostgres, printed: str) -> str:
    """Whose password the printed link sets."""
    assert printed.startswith(f"{ORIGIN}/set-password/")
    assert printed.count("\n") == 1
    token = printed.strip().rpartition("/")[2]

    async def read() -> str:
        database = Database(cluster.app_url, 1)
        try:
            return (await holder_of(database, PasswordLinks([SECRET]), token)).id
        finally:
            await database.close()

    return asyncio.run(read())


def test_setup_prints_the_link_alone_and_once(run: Run, own_cluster: EmbeddedPostgres) -> None:
    done = run(*SETUP, "--time-zone", "Europe/Berlin", "--language", "de")
    assert done.exit_code == 0, done.output
    assert holder(own_cluster, done.stdout) == "ida"
    again = run(*SETUP)
    assert (again.exit_code, again.stdout) == (1, "")
    assert "The tenant default already exists." in again.stderr


def test_bad_values_are_named_in_one_line_each(run: Run) -> None:
    refused = run(*SETUP, "--time-zone", "Atlantis", "--language", "fr")
    assert refused.exit_code == 1
    assert [line.split()[0] for line in refused.stderr.splitlines()] == ["Choose", "Choose"]
    assert run(*SETUP).exit_code == 0


def test_people_are_invited_and_reset(run: Run, own_cluster: EmbeddedPostgres) -> None:
    assert "There is no tenant default." in run(*NILS).stderr
    assert run(*SETUP).exit_code == 0
    invited = run(*NILS, "--group", "finance", "--manager", "ida")
    assert holder(own_cluster, invited.stdout) == "nils"
    assert "The username nils is taken." in run(*NILS).stderr
    assert holder(own_cluster, run("user", "reset", "ida").stdout) == "ida"
    assert run("user", "reset", "nobody").exit_code == 1


def test_the_demo_is_refused_after_setup(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(*SETUP).exit_code == 0
    monkeypatch.setenv("COUNTERSIGN_DEMO_PASSWORD", "a password of the demo")
    refused = run("seed")
    assert refused.exit_code == 2
    assert "The demo is not added" in refused.stderr


async def test_up_adds_no_demo_to_what_was_set_up_and_prints_the_page_only_before(
    own_cluster: EmbeddedPostgres, own_database: Database, tmp_path: Path
) -> None:
    url = own_cluster.app_url
    assert (await setup_page(url, ORIGIN, SECRET)).startswith(f"Set it up at {ORIGIN}/setup?key=")
    await with_admin(own_database)
    assert await setup_page(url, ORIGIN, SECRET) == ""
    assert await asyncio.to_thread(added_demo, web_settings(url, tmp_path), tmp_path, url) == (False, REFUSED)


def test_groups_people_and_tokens_are_listed_and_ended(run: Run) -> None:
    assert run(*SETUP).exit_code == 0
    assert run("group", "add", "legal", "--name", "Legal").exit_code == 0
    assert "legal\tLegal\t" in run("group", "list").stdout
    assert run(*NILS, "--group", "legal").exit_code == 0
    assert "nils\tinvited\tlegal\tNils Dahl" in run("user", "list").stdout
    assert run("token", "create", "--user", "nils", "--name", "script").exit_code == 0
    assert run("token", "list", "--user", "nils").stdout.startswith("script\tfull\t")
    assert run("token", "revoke", "--user", "nils", "--name", "script").exit_code == 0
    assert run("token", "revoke", "--user", "nils", "--name", "script").exit_code == 1
    assert run("token", "list", "--user", "nils").stdout == ""
    assert run("user", "disable", "nils").exit_code == 0
    assert "nils\tinactive" in run("user", "list").stdout


async def test_without_a_schema_each_command_says_what_to_do(run: Run, own_cluster: EmbeddedPostgres) -> None:
    await run_as_owner(own_cluster, "ALTER TABLE tenants RENAME TO tenants_of_another_release")
    try:
        results = [await asyncio.to_thread(run, *command) for command in (SETUP, NILS, ("user", "list"), ("doctor",))]
    finally:
        await run_as_owner(own_cluster, "ALTER TABLE tenants_of_another_release RENAME TO tenants")
    assert [each.exit_code for each in results[:2]] == [2, 2]
    assert all("Run `countersign migrate` first." in each.stderr for each in results[:2])
    assert "tenant: the schema is missing" in results[-1].stdout


def test_a_bad_url_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COUNTERSIGN_DATABASE_URL", "not a url")
    for command in (SETUP, ("user", "list")):
        refused = run(*command)
        assert (refused.exit_code, "COUNTERSIGN_DATABASE_URL is not a valid URL." in refused.stderr) == (2, True)


def test_the_version_is_that_of_the_project() -> None:
    project = tomllib.loads(Path("pyproject.toml").read_text())["project"]
    assert CliRunner().invoke(app, ["--version"]).stdout.strip() == f"Countersign {project['version']}"


async def test_the_doctor_sees_that_nobody_can_sign_in_yet(run: Run) -> None:
    before = await asyncio.to_thread(run, "doctor")
    await asyncio.to_thread(run, *SETUP)
    after = await asyncio.to_thread(run, "doctor")
    assert "FAILED  tenant: there is none yet" in before.stdout
    assert "ok      tenant: is set up." in after.stdout
