"""Who stands back does so within our session, not against strangers: Linux weighs sessions against each other."""

import os
import sys
from pathlib import Path

from backend.embedded.child import Child

FOR_EVER = "import signal; signal.pause()"


def test_a_program_that_stands_back_stays_in_our_session(tmp_path: Path) -> None:
    child = Child("pausing", tmp_path, stands_back=7)
    child.start([sys.executable, "-c", FOR_EVER], ready=lambda: True)
    assert child.process is not None
    try:
        pid = child.process.pid
        assert os.getpriority(os.PRIO_PROCESS, pid) == min(os.getpriority(os.PRIO_PROCESS, 0) + 7, 19)
        assert (os.getsid(pid), os.getpgid(pid)) == (os.getsid(0), pid)
    finally:
        child.stop()
