"""Niceness only works within our session: Linux schedules sessions against each other, not their processes."""

import os
import sys
from pathlib import Path

from backend.embedded.child import Child

WAIT = "import signal; signal.pause()"


def test_a_child_process_with_a_niceness_stays_in_our_session(tmp_path: Path) -> None:
    child = Child("pausing", tmp_path, niceness=7)
    child.start([sys.executable, "-c", WAIT], ready=lambda: True)
    assert child.process is not None
    try:
        pid = child.process.pid
        assert os.getpriority(os.PRIO_PROCESS, pid) == min(os.getpriority(os.PRIO_PROCESS, 0) + 7, 19)
        assert (os.getsid(pid), os.getpgid(pid)) == (os.getsid(0), pid)
    finally:
        child.stop()
