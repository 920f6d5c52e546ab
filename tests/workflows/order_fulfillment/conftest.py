"""Orders whose calls to the world outside are watched, and can be refused or fail."""

from dataclasses import replace

import pytest

from backend.activities.core.services import Services
from tests.support.watched import Outside


@pytest.fixture
def outside() -> Outside:
    """Everything works."""
    return Outside()


@pytest.fixture
def services(services: Services, outside: Outside) -> Services:
    """The ports, watched."""
    names = ("inventory", "payments", "shipping", "confirmations")
    return replace(services, **{name: outside.over(getattr(services, name)) for name in names})
