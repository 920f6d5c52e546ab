"""`countersign up`: the machine room, then web, relay and workers as processes of their own, under one log."""

import asyncio
import os
import secrets
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from backend.commands.keys import (
    PAYLOAD_KEY_FILE,
    SECRET_KEY_FILE,
    new_payload_key,
    new_secret_key,
    remembered,
    write_privately,
)
from backend.database.demo import PEOPLE, seed
from backend.database.engine import Database
from backend.database.migrate import let_app_in, migrate
from backend.embedded.broker import EmbeddedBroker
from backend.embedded.child import STANDS_BACK, StartFailed, dying_with_parent
from backend.embedded.folder import held
from backend.embedded.postgres import EmbeddedPostgres
from backend.embedded.temporal import EmbeddedTemporal
from backend.settings import PREFIX, Settings, desk_file

STOP_SECONDS = 10.0
LONGEST_PAUSE = 30.0
STEADY_SECONDS = 30.0
AGAIN_SECONDS = 2.0
DEMO_AFTER_SECONDS = 4.0  # who opens the first page goes first
EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - compared with, never bound to
COLOURS = {"web": "36", "relay": "35", "workflow": "32", "activity": "33"}


Service = EmbeddedPostgres | EmbeddedTemporal | EmbeddedBroker


@dataclass
class ChildProcess:
    """One process of the desk and how often it fell in a row. One that is `once` ends by itself and stays so."""

    name: str
    arguments: tuple[str, ...]
    process: subprocess.Popen[str] | None = None
    started: float = 0.0
    due: float = 0.0
    falls: int = 0
    once: bool = False
    done: bool = False


@dataclass(frozen=True)
class Address:
    """Where the web app listens."""

    host: str
    port: int

    @property
    def address(self) -> str:
        """What to type into a browser on this machine."""
        return f"http://{'127.0.0.1' if self.host in EVERYWHERE else self.host}:{self.port}"


def run_everything(settings: Settings, door: Address, *, demo: bool) -> None:
    """Start all parts, restart what falls, and end all at SIGINT or SIGTERM. FolderTaken if another one runs there."""
    data = settings.data_dir.resolve()
    data.mkdir(parents=True, exist_ok=True)
    with held(data):
        _run(settings, data, door, demo=demo)


def _run(settings: Settings, data: Path, door: Address, *, demo: bool) -> None:
    stop = threading.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda *_: stop.set())
    env = os.environ | {f"{PREFIX}DATA_DIR": str(data)}
    env.setdefault(f"{PREFIX}BASE_URL", door.address)
    rooms: list[Service] = []
    parts: list[ChildProcess] = []
    try:
        _open_rooms(settings, data, env, rooms)
        _prepare(settings, data, env)
        write_privately(desk_file(data), "".join(f"{k}='{v}'\n" for k, v in env.items() if k not in os.environ))
        logins = _demo(settings, data, env) if demo else ""
        parts = [
            ChildProcess("web", ("web", "--host", door.host, "--port", str(door.port))),
            ChildProcess("relay", ("relay",)),
            ChildProcess("workflow", ("worker", "--kind", "workflow")),
            ChildProcess("activity", ("worker", "--kind", "activity")),
        ]
        say("up", f"Countersign is at {door.address}")
        if demo:
            say("up", logins)
        if demo and settings.demo_cases:
            parts.append(ChildProcess("demo", ("demo",), due=time.monotonic() + DEMO_AFTER_SECONDS, once=True))
        _watch(parts, rooms, env, stop)
    finally:
        _stop(parts)
        desk_file(data).unlink(missing_ok=True)
        for room in reversed(rooms):
            room.stop()


def say(name: str, line: str) -> None:
    """One line of the common log."""
    colour = COLOURS.get(name, "1")
    prefix = f"\x1b[{colour}m{name:>8} |\x1b[0m" if sys.stdout.isatty() else f"{name:>8} |"
    print(prefix, line, flush=True)  # noqa: T201 - this is the program's voice


def _open_rooms(
    settings: Settings,
    data: Path,
    env: dict[str, str],
    rooms: list[Service],
) -> None:
    if not settings.database_url:
        postgres = EmbeddedPostgres(data / "postgres").start()
        rooms.append(postgres)
        env |= {f"{PREFIX}DATABASE_URL": postgres.app_url, f"{PREFIX}DATABASE_OWNER_URL": postgres.owner_url}
        say("up", "PostgreSQL is ready.")
    if not settings.temporal_address:
        temporal = EmbeddedTemporal(data / "temporal", settings.temporal_namespace).start()
        rooms.append(temporal)
        env[f"{PREFIX}TEMPORAL_ADDRESS"] = temporal.address
        say("up", "Temporal is ready.")
    if not settings.broker_url:
        broker = EmbeddedBroker(data / "nats").start()
        rooms.append(broker)
        env[f"{PREFIX}BROKER_URL"] = broker.url
        say("up", "NATS is ready.")


def _prepare(settings: Settings, data: Path, env: dict[str, str]) -> None:
    if not settings.secret_keys:
        env[f"{PREFIX}SECRET_KEYS"] = remembered(data / SECRET_KEY_FILE, new_secret_key())
    if not settings.payload_keys:
        env[f"{PREFIX}PAYLOAD_KEYS"] = remembered(data / PAYLOAD_KEY_FILE, new_payload_key())
    owner, url = env.get(f"{PREFIX}DATABASE_OWNER_URL", ""), env[f"{PREFIX}DATABASE_URL"]
    if owner:
        migrate(owner)
        asyncio.run(let_app_in(owner, url))
        say("up", "The schema is up to date.")


def _demo(settings: Settings, data: Path, env: dict[str, str]) -> str:
    """Seed the demo; a line that says who can sign in and with which password."""
    password = settings.demo_password.get_secret_value() or remembered(data / "demo-password", secrets.token_urlsafe(9))
    asyncio.run(seed_demo(env[f"{PREFIX}DATABASE_URL"], SecretStr(password)))
    return f"Demo people: {', '.join(person for person, *_ in PEOPLE)}. Password: {password}"


async def seed_demo(url: str, password: SecretStr) -> None:
    """Create the demo's people, groups and budgets in this database."""
    database = Database(url, 2)
    await seed(database, password.get_secret_value())
    await database.close()


def _watch(parts: list[ChildProcess], rooms: list[Service], env: dict[str, str], stop: threading.Event) -> None:
    while not stop.wait(0.2):
        for room in rooms:
            if room.child.fell:
                say("up", f"{room.child.name} ended; it starts again.")
                _start_again(room, stop)
        for part in parts:
            _look_after(part, env)
        parts[:] = [part for part in parts if not part.done]


def _start_again(room: Service, stop: threading.Event) -> None:
    """Those who worked for a PostgreSQL that was killed outlive it for a moment, and it starts only without them."""
    try:
        room.start()
    except StartFailed:
        say("up", f"{room.child.name} did not start, {room.child.log} says why; it is tried again.")
        stop.wait(AGAIN_SECONDS)


def _look_after(part: ChildProcess, env: dict[str, str]) -> None:
    now = time.monotonic()
    if part.process is None:
        if now >= part.due:
            _start(part, env)
        return
    code = part.process.poll()
    if code is None:
        return
    part.process, part.done = None, part.once and code == 0
    if not part.done:
        part.falls = 1 if now - part.started > STEADY_SECONDS else part.falls + 1
        pause = min(0.5 * 2**part.falls, LONGEST_PAUSE)
        part.due = now + pause
        say(part.name, f"ended with {code}; starts again in {pause:.0f} s")


def _start(part: ChildProcess, env: dict[str, str]) -> None:
    part.started = time.monotonic()
    part.process = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-m", "backend", *part.arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=env,
        process_group=0,
        preexec_fn=dying_with_parent(  # noqa: PLW1509 - it makes two system calls and nothing else
            signal.SIGTERM, stands_back=0 if part.name == "web" else STANDS_BACK
        ),
    )
    threading.Thread(target=_pass_on, args=(part.name, part.process), daemon=True).start()


def _pass_on(name: str, process: "subprocess.Popen[str]") -> None:
    for line in process.stdout or ():
        say(name, line.rstrip())


def _stop(parts: list[ChildProcess]) -> None:
    running = [part.process for part in parts if part.process is not None]
    for process in running:
        process.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    for process in running:
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
