"""Programs of the people of the demo: what a test sets up over REST before somebody acts in the browser."""

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
    """One program a person, with a token of their own."""

    def __init__(self, running: Running) -> None:
        self._running = running
        self._programs: dict[str, httpx2.Client] = {}

    def program(self, name: str) -> httpx2.Client:
        """The program of this person."""
        if name not in self._programs:
            token = self._running.countersign("token", "create", "--user", name, "--name", "browser tests")
            headers = {"Authorization": f"Bearer {token}"}
            self._programs[name] = httpx2.Client(base_url=f"{self._running.address}/api/v1", headers=headers)
        return self._programs[name]

    def close(self) -> None:
        """Hang up."""
        for program in self._programs.values():
            program.close()

    def open(self, process: str, form: dict[str, Any], who: str = "ann") -> str:
        """Open a case; its reference."""
        key = {"idempotency-key": str(uuid4())}
        answer = self.program(who).post(f"/processes/{process}/cases", json=form, headers=key)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["reference"])

    def open_with(self, title: str, **plan: Any) -> str:
        """A purchase of ann's with other durations than those of the settings, opened as the demo opens its own."""
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
        """The open approval of a case, as soon as it is there."""
        return approval_of(self.program(who), reference)

    def ask(self, vendor: str, *totals: str) -> list[dict[str, Any]]:
        """Purchases of ann's from this vendor, each as its open approval, named by its total."""
        forms = [purchase(total, vendor=vendor, title=f"{vendor} for {total}") for total in totals]
        references = [self.open("purchase_approval", form) for form in forms]
        return [self.waiting(reference) for reference in references]

    def correct(self, approval: dict[str, Any], **changes: Any) -> None:
        """Mona corrects the request in another window."""
        body = {"version": approval["version"], "input": changes, "reason": "A wrong number."}
        answer = self.program("mona").post(f"/approvals/{approval['id']}/correct", json=body)
        assert answer.status_code == 200, answer.text

    def decide(self, approval: dict[str, Any], decision: str, comment: str = "", who: str = "mona") -> None:
        """Answer in another window."""
        body = {"decision": decision, "comment": comment, "version": approval["version"]}
        answer = self.program(who).post(f"/approvals/{approval['id']}/decision", json=body)
        assert answer.status_code == 200, answer.text

    def act(self, reference: str, action: str, given: dict[str, Any], who: str = "ann") -> None:
        """Do what a case offers in another window."""
        answer = self.program(who).post(f"/cases/{reference}/actions/{action}", json=given)
        assert answer.status_code == 200, answer.text

    def case(self, reference: str, who: str = "ann") -> dict[str, Any]:
        """The case as it is now."""
        found: dict[str, Any] = self.program(who).get(f"/cases/{reference}").json()
        return found

    def until(self, reference: str, words: str, who: str = "ann") -> None:
        """Return when the case says this of itself."""

        def says() -> bool:
            progress = self.program(who).get(f"/cases/{reference}/progress").json()
            return words in progress["sentence"]

        wait_for(says, PATIENCE_SECONDS)
