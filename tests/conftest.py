"""The fixtures of all tests: real parts, started once for each test process."""

pytest_plugins = [
    "tests.support.postgres",
    "tests.support.cast",
    "tests.support.temporal",
    "tests.support.web",
    "tests.support.calendars",
]
