"""Every process is killed again and again: the web app stays up, and each case ends once.

The environment makes it longer: FAULT_CASES=3000 FAULT_RACES=60 pytest tests/faults/test_many_cases.py
"""

import contextlib
import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle

import httpx2

from tests.faults.conftest import Program
from tests.support.desk_over_rest import (
    approval_of,
    approve,
    approve_found,
    in_parallel,
    open_purchase,
    outcome_of,
    persistently,
    wait_for,
)
from tests.support.fake_erp import FakeErp
from tests.support.running import Running

CASES = int(os.environ.get("FAULT_CASES", "150"))
RACES = int(os.environ.get("FAULT_RACES", "60"))
WEB_KILLED_EVERY, OTHERS_KILLED_EVERY = 5.0, 12.0
AT_ONCE = 25
UP_AT_LEAST = 0.8
PROBE_SECONDS, PAUSE = 2.0, 0.1
LOOK_SECONDS, PATIENCE_SECONDS = 1.0, 300
EVERYTHING = {"web", "relay", "workflow", "activity", "temporal", "postgres"}
VICTIMS = ("relay", "workflow", "activity", "temporal", "postgres")


class Uptime:
    """How long the web app answered, of how long it was asked."""

    def __init__(self) -> None:
        self.up = self.asked = 0.0
        self.longest_down = 0.0
        self._down = 0.0

    def count(self, seconds: float, *, answered: bool) -> None:
        """One question, and the pause after it."""
        self.asked += seconds
        self.up += seconds if answered else 0
        self._down = 0.0 if answered else self._down + seconds
        self.longest_down = max(self.longest_down, self._down)

    @property
    def share(self) -> float:
        """Of the time."""
        return self.up / self.asked


def probe(running: Running, uptime: Uptime, over: threading.Event) -> None:
    """Ask ten times a second whether the web app answers, each time over a new connection."""
    while not over.is_set():
        began = time.monotonic()
        answered = False
        with contextlib.suppress(httpx2.HTTPError):
            answered = httpx2.get(f"{running.address}/healthz", timeout=PROBE_SECONDS).status_code == 200
        over.wait(PAUSE)
        uptime.count(time.monotonic() - began, answered=answered)


def kill_web(running: Running, kills: list[str], over: threading.Event) -> None:
    """Kill one web process after the other."""
    while not over.wait(WEB_KILLED_EVERY):
        if pids := running.pids("web"):
            kill(random.choice(pids), "web", kills)  # noqa: S311 - no secret


def kill_others(running: Running, kills: list[str], over: threading.Event) -> None:
    """Kill one process after the other, servers included."""
    for victim in cycle(VICTIMS):
        if over.wait(OTHERS_KILLED_EVERY):
            return
        with contextlib.suppress(FileNotFoundError, ValueError):
            pids = [running.service(victim)] if victim in {"temporal", "postgres"} else running.pids(victim)
            for pid in pids:
                kill(pid, victim, kills)


def kill(pid: int, name: str, kills: list[str]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
        kills.append(name)


@contextmanager
def under_kills(running: Running) -> Iterator[tuple[Uptime, list[str]]]:
    """Meanwhile every process is killed again and again; afterwards all of them are there."""
    uptime, over = Uptime(), threading.Event()
    kills: list[str] = []
    threads = [
        threading.Thread(target=probe, args=(running, uptime, over)),
        threading.Thread(target=kill_web, args=(running, kills, over)),
        threading.Thread(target=kill_others, args=(running, kills, over)),
    ]
    for thread in threads:
        thread.start()
    try:
        yield uptime, kills
    finally:
        over.set()
        for thread in threads:
            thread.join()
        running.wait_until_ready()


def test_each_case_ends_once_and_the_web_stays_up(running: Running, program: Program, erp: FakeErp) -> None:
    ann, mona = program("ann"), program("mona")
    with under_kills(running) as (uptime, kills):
        references: list[str] = []
        while len(references) < CASES or not set(kills) >= EVERYTHING:
            opened = in_parallel(lambda _: open_purchase(ann), range(AT_ONCE))
            approve_all(mona, opened)
            references += opened
    outcomes = in_parallel(lambda reference: outcome_of(ann, reference), references)
    assert len(set(references)) == len(references)
    assert set(outcomes) == {"ordered"}
    assert {key for key in erp.orders if key.split(":")[0] in references} == {f"{one}:order" for one in references}
    assert len(set(erp.orders.values())) == len(erp.orders)
    assert uptime.share >= UP_AT_LEAST, f"up {uptime.share:.0%} of {uptime.asked:.0f} s, {len(kills)} kills"
    commands = (("audit", "verify"), ("outbox", "status"))
    wait_for(lambda: all(running.countersign(*command) for command in commands), 60)


def approve_all(client: httpx2.Client, references: list[str]) -> None:
    """Work off the inbox once a second until each of these cases is approved.

    A poll per case would take the processors from the workers, which start again and again.
    """
    waiting = set(references)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while waiting:
        assert time.monotonic() < deadline, f"no approval of {sorted(waiting)}"
        listed = persistently(lambda: client.get("/approvals", params={"state": "open", "limit": 100})).json()["items"]
        found = [item for item in listed if item["reference"] in waiting]
        in_parallel(lambda item: approve_found(client, item), found)
        waiting -= {item["reference"] for item in found}
        time.sleep(LOOK_SECONDS)


def test_three_people_at_the_same_instant_make_one_true_verdict(program: Program) -> None:
    ann, mona, finn, fay = (program(name) for name in ("ann", "mona", "finn", "fay"))
    references = in_parallel(lambda _: open_purchase(ann, total="2000.00"), range(RACES))
    in_parallel(lambda reference: approve(mona, reference), references)
    states = {_race(ann, finn, fay, reference) for reference in references}
    assert states <= {"approved", "rejected", "withdrawn"}
    assert len(states) > 1 or RACES < 10, f"nobody raced: {states}"


def _race(ann: httpx2.Client, finn: httpx2.Client, fay: httpx2.Client, reference: str) -> str:
    """Two of finance and the requester at once; the state that all of them were told."""
    wait_for(lambda: approval_of(finn, reference)["step"] == "finance", 60)
    found = approval_of(finn, reference)
    path = f"/approvals/{found['id']}/decision"
    ready = threading.Barrier(3)

    def decide(client: httpx2.Client, choice: str) -> int:
        ready.wait()
        body = {"decision": choice, "comment": "Because.", "version": found["version"]}
        return persistently(lambda: client.post(path, json=body)).status_code

    def withdraw(client: httpx2.Client) -> int:
        ready.wait()
        return persistently(lambda: client.post(f"/cases/{reference}/recall", json={"reason": "No."})).status_code

    acts = (lambda: decide(finn, "approve"), lambda: decide(fay, "reject"), lambda: withdraw(ann))
    approved, rejected, withdrawn = in_parallel(lambda act: act(), acts)
    state = str(persistently(lambda: finn.get(f"/approvals/{found['id']}")).json()["state"])
    told = {"approved": approved == 200, "rejected": rejected == 200}
    assert [name for name, yes in told.items() if yes] == ([] if state == "withdrawn" else [state]), (told, withdrawn)
    return state
