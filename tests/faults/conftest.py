"""Fixtures for all of Countersign with an ERP over HTTP, and API clients of its people."""

from collections.abc import Callable, Iterator

import httpx2
import pytest

from tests.support.fake_erp import FakeErp, fake_erp
from tests.support.running import Running, running_in

Program = Callable[[str], httpx2.Client]


@pytest.fixture(scope="session")
def erp() -> Iterator[FakeErp]:
    """One ERP for all tests in this folder."""
    with fake_erp() as erp:
        yield erp


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory, erp: FakeErp) -> Iterator[Running]:
    """One running system for all tests in this folder."""
    with running_in(tmp_path_factory.mktemp("faults"), COUNTERSIGN_ERP_URL=erp.url) as running:
        yield running


@pytest.fixture(scope="session")
def program(running: Running) -> Iterator[Program]:
    """An API client of this person."""
    clients: dict[str, httpx2.Client] = {}

    def of(name: str) -> httpx2.Client:
        if name not in clients:
            token = running.countersign("token", "create", "--user", name, "--name", "faults")
            headers = {"authorization": f"Bearer {token}"}
            clients[name] = httpx2.Client(base_url=f"{running.address}/api/v1", headers=headers, timeout=30)
        return clients[name]

    yield of
    for client in clients.values():
        client.close()
