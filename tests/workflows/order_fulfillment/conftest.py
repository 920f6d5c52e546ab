"""Orders whose calls to external systems are recorded, and can be refused or fail."""

from dataclasses import replace

import pytest

from backend.activities.core.services import Services
from tests.support.watched import Outside


@pytest.fixture
def outside() -> Outside:
    """Every external call succeeds."""
    return Outside()


@pytest.fixture
def services(services: Services, outside: Outside) -> Services:
    """The ports, recorded."""
    names = ("inventory", "payments", "shipping", "confirmations")
    return replace(services, **{name: outside.over(getattr(services, name)) for name in names})
