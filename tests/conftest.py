"""The fixtures of all tests: real parts, started once for each test process."""

import os

from hypothesis import settings

pytest_plugins = [
    "tests.support.postgres",
    "tests.support.cast",
    "tests.support.temporal",
    "tests.support.web",
    "tests.support.calendars",
]

# How long an example takes says more of what else the machine does than of the code.
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")


def pytest_xdist_auto_num_workers() -> int:
    """Tests wait for servers more than they compute: two processes for each processor."""
    return 2 * (os.cpu_count() or 1)
