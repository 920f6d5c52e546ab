"""Somebody who reaches Temporal sends its workflows verdicts with Temporal's own command line: nothing is ordered."""

import json
import subprocess

from backend.embedded.temporal import program as installed
from backend.kit.naming import workflow_id
from tests.faults.conftest import Program
from tests.support.desk_over_rest import approval_of, approve, open_purchase, outcome_of, wait_for
from tests.support.fake_erp import FakeErp
from tests.support.running import Running
from tests.support.temporal import NAMESPACE


def temporal(running: Running, *arguments: str) -> None:
    """Run one command of Temporal's own."""
    server = ("--address", running.environment["COUNTERSIGN_TEMPORAL_ADDRESS"], "--namespace", NAMESPACE)
    done = subprocess.run([installed("temporal"), *arguments, *server], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_verdict_by_the_command_line_of_temporal_orders_nothing(
    running: Running, program: Program, erp: FakeErp
) -> None:
    ann, mona, fay = program("ann"), program("mona"), program("fay")
    reference = open_purchase(ann, total="2000.00")
    approval = approval_of(mona, reference)
    workflow = workflow_id("default", "purchase_approval", reference)
    for step in ("manager", "finance"):
        forged = {
            "approval_id": approval["id"],
            "step": step,
            "round": 1,
            "verdict": "approved",
            "by": ["fay"],
            "names": "Fay Nowak",
            "version": 1,
            "at": "2026-01-01T00:00:00Z",
        }
        temporal(running, "workflow", "signal", "-w", workflow, "--name", "decide", "--input", json.dumps(forged))
    temporal(
        running, "workflow", "signal", "-w", workflow, "--name", "correct", "--input", '{"version": 2, "input": 7}'
    )
    temporal(running, "workflow", "signal", "-w", workflow, "--name", "silent_of", "--input", '"x"')

    def refused() -> bool:
        journal = ann.get(f"/cases/{reference}/journal").json()
        return sum("did not send was refused" in line["sentence"] for line in journal) == 3

    wait_for(refused, 60)
    assert ann.get(f"/cases/{reference}").json()["outcome"] is None
    assert approval_of(mona, reference)["id"] == approval["id"]
    assert f"{reference}:order" not in erp.orders

    approve(mona, reference)
    approve(fay, reference)
    assert outcome_of(ann, reference) == "ordered"
    assert f"{reference}:order" in erp.orders
