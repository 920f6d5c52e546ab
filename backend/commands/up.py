"""`countersign up`: start the embedded services, then web, relay and workers as child processes with one log."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from backend.commands.first_start import added_demo, setup_page
from backend.commands.keys import (
    PAYLOAD_KEY_FILE,
    SECRET_KEY_FILE,
    new_payload_key,
    new_secret_key,
    read_or_create,
    write_private_file,
)
from backend.database.migrate import let_app_in, migrate
from backend.embedded.broker import EmbeddedBroker
from backend.embedded.child import BACKGROUND_NICENESS, StartFailed, set_up_child
from backend.embedded.folder import locked, make_private
from backend.embedded.ports import listen
from backend.embedded.postgres import EmbeddedPostgres
from backend.embedded.temporal import EmbeddedTemporal
from backend.settings import PREFIX, Settings, environment_file, owner_file

OWNER_URL = f"{PREFIX}DATABASE_OWNER_URL"
STOP_SECONDS = 10.0
MAX_RESTART_DELAY = 5.0
STABLE_SECONDS = 10.0
SERVICE_RETRY_SECONDS = 2.0
DEMO_DELAY_SECONDS = 4.0  # the first page is served before the demo starts its work
ALL_INTERFACES = ("0.0.0.0", "::")  # noqa: S104 - compared with, never bound to
COLOURS = {"web": "36", "relay": "35", "workflow": "32", "activity": "33"}


Service = EmbeddedPostgres | EmbeddedTemporal | EmbeddedBroker


@dataclass
class ChildProcess:
    """One process of Countersign and its consecutive failures. A `once` process is not restarted after it succeeds.

    `inherits` are file descriptors that it gets from here.
    """

    name: str
    arguments: tuple[str, ...]
    inherits: tuple[int, ...] = ()
    process: subprocess.Popen[str] | None = None
    started: float = 0.0
    start_at: float = 0.0
    failures: int = 0
    once: bool = False
    done: bool = False


@dataclass(frozen=True)
class Address:
    """Where the web app listens."""

    host: str
    port: int

    @property
    def url(self) -> str:
        """The URL for a browser on this machine."""
        return f"http://{'127.0.0.1' if self.host in ALL_INTERFACES else self.host}:{self.port}"


def run_everything(settings: Settings, address: Address, *, demo: bool) -> None:
    """Start everything, restart what exits, and stop at SIGINT or SIGTERM.

    FolderInUse if the data folder is in use, CannotListen if the address is.
    """
    data = settings.data_dir.resolve()
    data.mkdir(parents=True, exist_ok=True)
    with locked(data), listen(address.host, address.port) as listening:
        make_private(data)
        _run(settings, data, address, listening, demo=demo)


def _run(settings: Settings, data: Path, address: Address, listening: socket.socket, *, demo: bool) -> None:
    stop = threading.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda *_: stop.set())
    env = os.environ | {f"{PREFIX}DATA_DIR": str(data)}
    if address.host in ALL_INTERFACES and f"{PREFIX}BASE_URL" not in env:
        env.setdefault(f"{PREFIX}ALLOWED_HOSTS", "*")  # this machine has more names than anybody could list
    env.setdefault(f"{PREFIX}BASE_URL", address.url)
    services: list[Service] = []
    children: list[ChildProcess] = []
    try:
        _start_services(settings, data, env, services)
        _prepare(settings, data, env)
        _store_addresses(data, env)
        env.pop(OWNER_URL, "")  # only `migrate` may know it
        url, base_url, keys = (env[f"{PREFIX}{name}"] for name in ("DATABASE_URL", "BASE_URL", "SECRET_KEYS"))
        has_demo, first_line = added_demo(settings, data, url) if demo else (False, "")
        first_line = first_line or asyncio.run(setup_page(url, base_url, keys))
        lifeline, _held = os.pipe()
        children = _child_processes(address, listening, lifeline, settings.web_processes)
        log("up", f"Countersign is running at {address.url}")
        if first_line:
            log("up", first_line)
        if has_demo and settings.demo_cases:
            children.append(ChildProcess("demo", ("demo",), start_at=time.monotonic() + DEMO_DELAY_SECONDS, once=True))
        _supervise(children, services, env, stop)
    finally:
        _stop(children)
        environment_file(data).unlink(missing_ok=True)
        owner_file(data).unlink(missing_ok=True)
        for service in reversed(services):
            service.stop()


def _store_addresses(data: Path, env: dict[str, str]) -> None:
    """For other commands on this machine: what this run added to the environment, and apart from it the owner's URL."""
    added = {name: value for name, value in env.items() if name not in os.environ}
    owner = {name: added.pop(name) for name in (OWNER_URL,) if name in added}
    for file, values in ((environment_file(data), added), (owner_file(data), owner)):
        write_private_file(file, "".join(f"{name}='{value}'\n" for name, value in values.items()))


def _child_processes(
    address: Address, listening: socket.socket, lifeline: int, web_processes: int
) -> list[ChildProcess]:
    """Several web processes share a socket that is held here: while one is replaced, the others answer.

    They inherit a pipe too: when it ends, this process has ended.
    """
    inherited = (listening.fileno(), lifeline)
    given = ("--accept-on", str(inherited[0]), "--lifeline", str(inherited[1]))
    web = ("web", "--host", address.host, "--port", str(address.port), *given)
    return [
        *(ChildProcess("web", (*web, "--place", str(place)), inherited) for place in range(web_processes)),
        ChildProcess("relay", ("relay",)),
        ChildProcess("workflow", ("worker", "--kind", "workflow")),
        ChildProcess("activity", ("worker", "--kind", "activity")),
    ]


def log(name: str, line: str) -> None:
    """Print one line of the common log."""
    colour = COLOURS.get(name, "1")
    prefix = f"\x1b[{colour}m{name:>8} |\x1b[0m" if sys.stdout.isatty() else f"{name:>8} |"
    print(prefix, line, flush=True)  # noqa: T201 - the log of `up` is its standard output


def _start_services(settings: Settings, data: Path, env: dict[str, str], services: list[Service]) -> None:
    """Start the services that have no configured address, and add their addresses to the environment."""
    if not settings.database_url:
        postgres = EmbeddedPostgres(data / "postgres").start()
        services.append(postgres)
        env |= {f"{PREFIX}DATABASE_URL": postgres.app_url, OWNER_URL: postgres.owner_url}
        log("up", "PostgreSQL is ready.")
    if not settings.temporal_address:
        temporal = EmbeddedTemporal(data / "temporal", settings.temporal_namespace).start()
        services.append(temporal)
        env[f"{PREFIX}TEMPORAL_ADDRESS"] = temporal.address
        log("up", "Temporal is ready.")
    if not settings.broker_url:
        broker = EmbeddedBroker(data / "nats").start()
        services.append(broker)
        env[f"{PREFIX}BROKER_URL"] = broker.url
        log("up", "NATS is ready.")


def _prepare(settings: Settings, data: Path, env: dict[str, str]) -> None:
    """Create missing keys and bring the schema up to date."""
    if not settings.secret_keys:
        env[f"{PREFIX}SECRET_KEYS"] = read_or_create(data / SECRET_KEY_FILE, new_secret_key())
    if not settings.payload_keys:
        env[f"{PREFIX}PAYLOAD_KEYS"] = read_or_create(data / PAYLOAD_KEY_FILE, new_payload_key())
    owner, url = env.get(OWNER_URL, ""), env[f"{PREFIX}DATABASE_URL"]
    if owner:
        migrate(owner)
        asyncio.run(let_app_in(owner, url))
        log("up", "The database schema is up to date.")


def _supervise(
    children: list[ChildProcess], services: list[Service], env: dict[str, str], stop: threading.Event
) -> None:
    while not stop.wait(0.2):
        for service in services:
            if service.child.exited:
                log("up", f"{service.child.name} exited and is being restarted.")
                _restart_service(service, stop)
        for child in children:
            _start_if_due(child, env)
        children[:] = [child for child in children if not child.done]


def _restart_service(service: Service, stop: threading.Event) -> None:
    """A killed PostgreSQL cannot start again until its last sessions have ended: hence the retries."""
    try:
        service.start()
    except StartFailed:
        log("up", f"{service.child.name} did not start; retrying. See {service.child.log}.")
        stop.wait(SERVICE_RETRY_SECONDS)


def _start_if_due(child: ChildProcess, env: dict[str, str]) -> None:
    """Start a process that is due; schedule the restart of one that has exited."""
    now = time.monotonic()
    if child.process is None:
        if now >= child.start_at:
            _start(child, env)
        return
    code = child.process.poll()
    if code is None:
        return
    child.process, child.done = None, child.once and code == 0
    if not child.done:
        child.failures = _failures(child, code, now)
        delay = restart_delay(child.failures)
        child.start_at = now + delay
        log(child.name, f"exited with code {code}; restarting in {delay:.0f} s")


def _failures(child: ChildProcess, code: int, now: float) -> int:
    """How often in a row it failed by itself; a process that a signal ended did not."""
    if code < 0:
        return 0
    return 1 if now - child.started > STABLE_SECONDS else child.failures + 1


def restart_delay(failures: int) -> float:
    """Seconds to wait after so many failures in a row."""
    return min(0.5 * 2**failures, MAX_RESTART_DELAY) if failures else 0.0


def _start(child: ChildProcess, env: dict[str, str]) -> None:
    child.started = time.monotonic()
    child.process = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-m", "backend", *child.arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=env,
        pass_fds=child.inherits,
        process_group=0,
        preexec_fn=set_up_child(  # noqa: PLW1509 - it makes two system calls and nothing else
            signal.SIGTERM, niceness=0 if child.name == "web" else BACKGROUND_NICENESS
        ),
    )
    threading.Thread(target=_forward_output, args=(child.name, child.process), daemon=True).start()


def _forward_output(name: str, process: "subprocess.Popen[str]") -> None:
    for line in process.stdout or ():
        log(name, line.rstrip())


def _stop(children: list[ChildProcess]) -> None:
    running = [child.process for child in children if child.process is not None]
    for process in running:
        process.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    for process in running:
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
