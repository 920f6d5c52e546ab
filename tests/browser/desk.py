"""API clients of the demo people, which set up test data over REST."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import httpx2

from backend.commands.demo.story import Stage, Story
from backend.database.engine import Database
from backend.processes import by_key
from tests.support.desk_over_rest import approval_of, wait_for
from tests.support.purchases import purchase
from tests.support.running import Running

PATIENCE_SECONDS = 60


class Desk:
    """One API client per person, each with its own token."""

    def __init__(self, running: Running) -> None:
        self._running = running
        self._programs: dict[str, httpx2.Client] = {}

    def program(self, name: str) -> httpx2.Client:
        """The API client of this person."""
        if name not in self._programs:
            token = self._running.countersign("token", "create", "--user", name, "--name", "browser tests")
            headers = {"Authorization": f"Bearer {token}"}
            self._programs[name] = httpx2.Client(base_url=f"{self._running.address}/api/v1", headers=headers)
        return self._programs[name]

    def close(self) -> None:
        """Close the connection."""
        for program in self._programs.values():
            program.close()

    def open(self, process: str, form: dict[str, Any], who: str = "ann") -> str:
        """Open a case and return its reference."""
        key = {"idempotency-key": str(uuid4())}
        answer = self.program(who).post(f"/processes/{process}/cases", json=form, headers=key)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["reference"])

    def open_with(self, title: str, **plan: Any) -> str:
        """Open a purchase by ann with other durations than the configured ones."""
        story = Story(f"of a test: {title}", "purchase_approval", "ann", purchase("10.00", title=title), plan=plan)

        async def opened() -> str:
            database = Database(self._running.environment["COUNTERSIGN_DATABASE_URL"], 1)
            try:
                return (await Stage(database, by_key()).open(story)).reference
            finally:
                await database.close()

        # Playwright has an event loop of its own in this thread.
        with ThreadPoolExecutor(1) as elsewhere:
            return elsewhere.submit(asyncio.run, opened()).result()

    def waiting(self, reference: str, who: str = "mona") -> dict[str, Any]:
        """Wait for the open approval of a case."""
        return approval_of(self.program(who), reference)

    def ask(self, vendor: str, *totals: str) -> list[dict[str, Any]]:
        """Open purchases by ann from this vendor, titled by their totals, and return their open approvals."""
        forms = [purchase(total, vendor=vendor, title=f"{vendor} for {total}") for total in totals]
        references = [self.open("purchase_approval", form) for form in forms]
        return [self.waiting(reference) for reference in references]

    def correct(self, approval: dict[str, Any], **changes: Any) -> None:
        """Mona corrects the request over REST."""
        body = {"version": approval["version"], "input": changes, "reason": "A wrong number."}
        answer = self.program("mona").post(f"/approvals/{approval['id']}/correct", json=body)
        assert answer.status_code == 200, answer.text

    def decide(self, approval: dict[str, Any], decision: str, comment: str = "", who: str = "mona") -> None:
        """Decide over REST."""
        body = {"decision": decision, "comment": comment, "version": approval["version"]}
        answer = self.program(who).post(f"/approvals/{approval['id']}/decision", json=body)
        assert answer.status_code == 200, answer.text

    def act(self, reference: str, action: str, given: dict[str, Any], who: str = "ann") -> None:
        """Take a case action over REST."""
        answer = self.program(who).post(f"/cases/{reference}/actions/{action}", json=given)
        assert answer.status_code == 200, answer.text

    def case(self, reference: str, who: str = "ann") -> dict[str, Any]:
        """The current case."""
        found: dict[str, Any] = self.program(who).get(f"/cases/{reference}").json()
        return found

    def until(self, reference: str, words: str, who: str = "ann") -> None:
        """Wait until the status of the case contains this text."""

        def says() -> bool:
            progress = self.program(who).get(f"/cases/{reference}/progress").json()
            return words in progress["sentence"]

        wait_for(says, PATIENCE_SECONDS)
