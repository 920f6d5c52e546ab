"""Who stands back does so against everybody, also where Linux weighs whole sessions against each other."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from backend.embedded.child import dying_with_parent

GROUP = Path("/proc/self/autogroup")
TELL = f"""
import os, pathlib
group = pathlib.Path("{GROUP}")
print(os.getpriority(os.PRIO_PROCESS, 0), group.read_text() if group.exists() else "")
"""


def test_a_program_that_stands_back_takes_its_session_with_it() -> None:
    told = subprocess.run(
        [sys.executable, "-c", TELL],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        start_new_session=True,
        preexec_fn=dying_with_parent(signal.SIGTERM, stands_back=7),
    ).stdout.split()
    assert int(told[0]) == min(os.getpriority(os.PRIO_PROCESS, 0) + 7, 19)
    if os.access(GROUP, os.W_OK):
        assert told[-2:] == ["nice", "7"]
