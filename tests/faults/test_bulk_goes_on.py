"""A bulk decision continues after its process is killed, and decides each approval once."""

import os
import signal
from typing import Any

from tests.faults.conftest import Program
from tests.support.desk_over_rest import approval_of, in_parallel, open_purchase, outcome_of, persistently, wait_for
from tests.support.running import Running

MANY = 60


def test_a_killed_runner_is_followed_by_another_and_nobody_is_answered_twice(
    running: Running, program: Program
) -> None:
    ann, mona = program("ann"), program("mona")
    references = in_parallel(lambda _: open_purchase(ann), range(MANY))
    found = in_parallel(lambda reference: approval_of(mona, reference), references)
    items = [{"id": each["id"], "version": each["version"]} for each in found]
    accepted = mona.post("/approvals/bulk", json={"decision": "approve", "comment": "Yes.", "items": items})
    assert accepted.status_code == 202, accepted.text
    path = accepted.json()["url"].removeprefix("/api/v1")

    def job() -> dict[str, Any]:
        answer: dict[str, Any] = persistently(lambda: mona.get(path)).json()
        return answer

    wait_for(lambda: job()["decided"] > 0, seconds=60)
    os.kill(running.parts()["relay"], signal.SIGKILL)
    wait_for(lambda: job()["waiting"] == 0, seconds=180)
    done = job()
    assert (done["decided"], {item["state"] for item in done["items"]}) == (MANY, {"decided"})
    for item in done["items"]:
        votes = mona.get(f"/approvals/{item['id']}").json()["votes"]
        assert [(vote["by"], vote["decision"], vote["comment"]) for vote in votes] == [("mona", "approve", "Yes.")]
    assert set(in_parallel(lambda reference: outcome_of(ann, reference), references)) == {"ordered"}
