"""The relay is killed while it sends emails: each arrives, and a duplicate has the same Message-ID."""

import os
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.support.desk_over_rest import in_parallel, open_purchase, persistently, wait_for
from tests.support.running import Running, running_in
from tests.support.smtp import TAKEN, Inbox, serving

CASES = 40
KILLS = 4


@pytest.fixture
def inbox() -> Inbox:
    """A server that greylists: it refuses the first attempt."""
    return Inbox(lambda _, tries: TAKEN if tries > 1 else "451 4.7.1 come again")


@pytest.fixture
def mailing(tmp_path: Path, inbox: Inbox) -> Iterator[Running]:
    """All of Countersign, sending its emails to that server."""
    with serving(inbox) as url, running_in(tmp_path, COUNTERSIGN_SMTP_URL=url) as running:
        yield running


def test_a_relay_that_is_killed_again_and_again_sends_each_mail(mailing: Running, inbox: Inbox) -> None:
    tokens = {
        name: mailing.countersign("token", "create", "--user", name, "--name", "mails") for name in ("ann", "root")
    }
    ann, root = (
        httpx2.Client(
            base_url=f"{mailing.address}/api/v1", headers={"authorization": f"Bearer {tokens[name]}"}, timeout=30
        )
        for name in ("ann", "root")
    )
    for _ in range(KILLS):
        before = len(inbox.mails)
        in_parallel(lambda _: open_purchase(ann), range(CASES // KILLS))
        wait_for(lambda: inbox.mails[before:] or None, 60)  # noqa: B023 - it is over before the next round
        [relay] = wait_for(lambda: mailing.pids("relay"), 60)
        os.kill(relay, signal.SIGKILL)

    def all_sent() -> bool:
        items = persistently(lambda: root.get("/deliveries", params={"limit": 200})).json()["items"]
        return len(items) == CASES and {item["state"] for item in items} == {"sent"}

    wait_for(lambda: all_sent() or None, 240)
    ids = Counter(mail["Message-ID"] for mail in inbox.mails)
    assert len(ids) == CASES
    # A kill leaves at most those that were between the server and the ledger, ten at once; all the others came once.
    assert sum(count - 1 for count in ids.values()) <= KILLS * 10
    assert set(inbox.recipients) == {"mona@example.com"}
    for client in (ann, root):
        client.close()
