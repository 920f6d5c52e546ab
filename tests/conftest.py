"""Fixtures for all tests: real servers, started once for each test process."""

import os

from hypothesis import settings

pytest_plugins = [
    "tests.support.postgres",
    "tests.support.cast",
    "tests.support.temporal",
    "tests.support.web",
    "tests.support.without_demo",
    "tests.support.calendars",
]

# How long an example takes says more of what else the machine does than of the code.
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")


def pytest_xdist_auto_num_workers() -> int:
    """Two processes for each processor, because tests mostly wait for servers."""
    return 2 * (os.cpu_count() or 1)
