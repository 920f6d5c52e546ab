"""Whatever people do in whatever order over HTTP, the desk says and keeps what a small model says.

No double vote, nobody decides their own, one verdict, and a journal in which nothing is missing.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import rule, run_state_machine_as_test

from backend.cases.audit.verify import verify
from backend.embedded.postgres import EmbeddedPostgres
from tests.model.house import House, open_house
from tests.model.people_act import PeopleAct


@pytest.fixture
def house(cluster: EmbeddedPostgres, tmp_path: Path) -> Iterator[House]:
    """One desk for all cases."""
    with open_house(cluster, tmp_path) as house:
        yield house


class Purchase(PeopleAct):
    """One purchase with the actions of people, timers, relay and workers."""

    @rule()
    def workflow_hears(self) -> None:
        """The time to undo is over, and the relay delivers what is due."""
        self.house.run(self.workflow.time_passes())
        self.house.run(self.workflow.hear())
        self.house.run(self.workflow.hear())
        self.settle()

    @rule(lot=st.integers(0, 9))
    def deadline_strikes(self, lot: int) -> None:
        """The timer closes an open approval, or receives the verdict of a closed one."""
        if lot > 1:
            return
        if self.model.level.state == "open" and self.model.status == "running":
            self.model.close("expired")
            self.model.told.append("expired")
        self.house.run(self.workflow.deadline())
        self.workflow_hears()

    @rule()
    def relay_looks(self) -> None:
        """While a decision can be undone, the workflow does not receive its verdict."""
        if self.model.level.undoable or self.model.level.state == "open":
            assert "decide" not in self.house.run(self.workflow.hear())

    @rule()
    def worker_is_killed(self) -> None:
        """Another worker replays the history; nothing happens twice."""
        self.house.run(self.workflow.begin())
        if self.model.level.state != "open":
            self.model.level.undoable = False  # it asked again and heard the verdict itself


def test_whatever_people_do_the_desk_keeps_to_the_model(house: House) -> None:
    once = settings(
        max_examples=15,
        stateful_step_count=40,
        deadline=None,
        derandomize=True,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    machine = type("Case", (Purchase,), {"house": house})
    run_state_machine_as_test(machine, settings=once)
    verified = [(report.tenant, report.ok) for report in house.run(verify(house.database))]
    assert verified == [("acme", True), ("default", True)]
