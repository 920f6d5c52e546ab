"""The fixtures of all tests: real parts, started once for each test process."""

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
