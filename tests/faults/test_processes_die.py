"""Processes are killed and servers freeze: nothing is lost and nothing happens twice."""

import os
import re
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import cycle
from typing import Any
from uuid import uuid4

import httpx2

from tests.faults.conftest import Program
from tests.support.desk_over_rest import (
    approval_of,
    approve,
    in_parallel,
    open_purchase,
    outcome_of,
    persistently,
    wait_for,
)
from tests.support.fake_erp import FakeErp
from tests.support.html import page_of, said_in
from tests.support.running import Running

CASES = 200


@contextmanager
def standing_still(*pids: int) -> Iterator[None]:
    """Freeze these processes inside this block."""
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def test_workers_killed_amid_200_cases_order_each_once(running: Running, program: Program, erp: FakeErp) -> None:
    ann, mona = program("ann"), program("mona")
    done = threading.Event()
    kills = 0

    def kill_workers() -> None:
        nonlocal kills
        for part in cycle(("activity", "workflow")):
            if done.wait(2.5) or kills == 8:
                return
            if pid := running.parts().get(part):
                os.kill(pid, signal.SIGKILL)
                kills += 1

    killer = threading.Thread(target=kill_workers)
    killer.start()
    references = in_parallel(lambda _: open_purchase(ann), range(CASES))
    in_parallel(lambda reference: approve(mona, reference), references)
    outcomes = in_parallel(lambda reference: outcome_of(ann, reference), references)
    done.set()
    killer.join()
    assert kills >= 4
    assert set(outcomes) == {"ordered"}
    assert {key for key in erp.orders if key.split(":")[0] in references} == {f"{one}:order" for one in references}
    assert len(set(erp.orders.values())) == len(erp.orders)
    assert max(erp.asked.values()) > 1, "no answer was lost, so nothing was proved"
    assert all(running.countersign(*command) for command in (("audit", "verify"), ("outbox", "status")))


def test_web_killed_between_commit_and_start_loses_no_case(running: Running, program: Program) -> None:
    ann, mona = program("ann"), program("mona")
    key = str(uuid4())
    with standing_still(running.parts()["relay"]):
        reference = open_purchase(ann, key)
        kill_all(running.pids("web"))
        running.wait_until_ready()
        assert open_purchase(ann, key) == reference
    approve(mona, reference)
    assert outcome_of(ann, reference) == "ordered"


def kill_all(pids: list[int]) -> None:
    """At the same instant."""
    for pid in pids:
        os.kill(pid, signal.SIGKILL)


def test_web_killed_amid_submissions_opens_each_once(running: Running, program: Program) -> None:
    ann = program("ann")
    keys = [str(uuid4()) for _ in range(60)]
    halfway = threading.Timer(0.4, kill_all, args=(running.pids("web"),))
    halfway.start()
    references = in_parallel(lambda key: open_purchase(ann, key), keys)
    halfway.join()
    assert len(set(references)) == len(keys)
    assert in_parallel(lambda key: open_purchase(ann, key), keys) == references


def test_temporal_stands_still_while_people_open_decide_and_look(running: Running, program: Program) -> None:
    ann, mona = program("ann"), program("mona")
    before = open_purchase(ann)
    approval_of(mona, before)
    operator = httpx2.Client(base_url=running.address, headers=running.sign_in("root"), timeout=10)
    with operator, standing_still(running.service("temporal")):
        opened = open_purchase(ann)
        approve(mona, before)
        with httpx2.Client(base_url=running.address, headers=running.sign_in("ann"), timeout=10) as browser:
            for page in ("/", "/cases", f"/cases/{before}", f"/cases/{opened}", "/processes/purchase_approval/start"):
                assert browser.get(page).status_code == 200, page
        for page in ("/health", "/executions"):
            answer = operator.get(page)
            assert (answer.status_code, answer.elapsed.total_seconds() < 2) == (200, True), page
            assert "Temporal is not responding" in said_in(answer)
            assert re.search(r"[Aa]s of \S", said_in(answer))
            assert page == "/health" or before in answer.text
    assert outcome_of(ann, before) == "ordered"
    approve(mona, opened)
    assert outcome_of(ann, opened) == "ordered"


def test_temporal_killed_comes_back_with_all_it_knew(running: Running, program: Program) -> None:
    ann, mona = program("ann"), program("mona")
    before = open_purchase(ann)
    approval_of(mona, before)
    os.kill(running.service("temporal"), signal.SIGKILL)
    after = open_purchase(ann)
    for reference in (before, after):
        approve(mona, reference)
        assert outcome_of(ann, reference) == "ordered"


def test_postgres_stands_still_and_nobody_waits_for_ever(running: Running, program: Program) -> None:
    ann, mona = program("ann"), program("mona")
    reference = open_purchase(ann)
    start = "/processes/purchase_approval/start"
    browser = httpx2.Client(base_url=running.address, headers=running.sign_in("ann"), timeout=60)
    with browser, ThreadPoolExecutor(1) as pool:
        token = page_of(browser.get(start)).one("#sheet [name=csrf_token]").held
        form = {"title": "Typed while it stood still", "csrf_token": token, "restore": "1"}
        pages = ("/", "/cases", "/approvals", "/processes", f"/cases/{reference}", f"/cases/{reference}/status", start)
        with standing_still(*running.family("postgres")):
            assert browser.get("/readyz").status_code == 503
            posted = pool.submit(browser.post, start, data=form)
            answers = [*in_parallel(browser.get, pages * 3), posted.result()]
        assert {answer.status_code for answer in answers} == {503}
        assert max(answer.elapsed.total_seconds() for answer in answers) < 15
        assert all("The database is not responding" in said_in(answer) for answer in answers)
        assert page_of(posted.result()).one("[name=title]").held == "Typed while it stood still"
        assert {browser.get(page).status_code for page in pages} == {200}
        restored = page_of(browser.post(start, data=form))
        assert restored.one("[name=title]").held == "Typed while it stood still"
    approve(mona, reference)
    assert outcome_of(ann, reference) == "ordered"


def test_postgres_killed_refuses_plainly_and_comes_back(running: Running, program: Program) -> None:
    ann, mona = program("ann"), program("mona")
    reference = open_purchase(ann)
    form = {"title": "Typed while the database fell", "vendor": "Nordwerk", "send": "1"}
    with (
        httpx2.Client(base_url=running.address, headers=running.sign_in("ann"), timeout=20) as browser,
        standing_still(running.process.pid),  # so that nobody starts it again too soon
    ):
        os.kill(running.service("postgres"), signal.SIGKILL)
        # Its sessions outlive the server for a moment.
        wait_for(lambda: ann.get(f"/cases/{reference}").json().get("code") == "database_away", 15)
        page = browser.post("/processes/purchase_approval/start", data=form)
    assert page.status_code == 503
    kept = page_of(page)
    assert {name: kept.one(f"[name={name}]").held for name in ("title", "vendor")} == {
        name: form[name] for name in ("title", "vendor")
    }
    assert persistently(lambda: ann.get(f"/cases/{reference}")).status_code == 200
    approve(mona, reference)
    assert outcome_of(ann, reference) == "ordered"


def test_frozen_workers_are_noticed_within_a_minute_and_said_everywhere(running: Running, program: Program) -> None:
    ann, mona = program("ann"), program("mona")
    asked = open_purchase(ann)
    approval_of(mona, asked)
    wait_for(lambda: httpx2.get(f"{running.address}/readyz").json()["status"] == "ready", 60)
    root = httpx2.Client(base_url=running.address, headers=running.sign_in("root"), timeout=10)
    with root, standing_still(running.parts()["workflow"], running.parts()["activity"]):
        waiting = open_purchase(ann)
        degraded = wait_for(lambda: _degraded(running), 60)
        assert "purchasing-workflow" in degraded["without_worker"]
        assert "purchasing-activity" in degraded["without_worker"]
        health = said_in(root.get("/health"))
        assert "All systems operational" not in health
        assert "No worker is responding on" in health
        assert "Processes that stopped responding" in health
        assert 'countersign_workers{queue="purchasing-workflow"} 0.0' in root.get("/metrics").text
        assert "The background services of this process have not responded since" in said_in(
            root.get(f"/cases/{waiting}")
        )
    wait_for(lambda: httpx2.get(f"{running.address}/readyz").json()["status"] == "ready", 60)
    for reference in (asked, waiting):
        approve(mona, reference)
        assert outcome_of(ann, reference) == "ordered"


def _degraded(running: Running) -> dict[str, Any] | None:
    answer: dict[str, Any] = httpx2.get(f"{running.address}/readyz", timeout=5).json()
    return answer if answer["status"] == "degraded" else None
