"""Alarms about foreign messages to workflows: in the log, and once on the case, in the audit log and to admins."""

import asyncio
import logging

from backend.cases.lifecycle.refused_message import RefusedMessage, record_refused
from backend.database.engine import Database
from backend.database.errors import DatabaseAway

log = logging.getLogger(__name__)

REMEMBERED = 10_000


class Alarms:
    """Called from the threads in which workflows run; the same message to the same workflow is recorded once."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._loop = asyncio.get_running_loop()
        self._recorded: set[RefusedMessage] = set()

    def __call__(self, workflow_id: str, name: str, reason: str) -> None:
        """Log it, and record it from the loop of the worker."""
        message = RefusedMessage(workflow_id, name, reason)
        if message in self._recorded:
            return
        if len(self._recorded) >= REMEMBERED:
            self._recorded.clear()
        self._recorded.add(message)
        log.error("refused a foreign message to %s: %s (%s)", workflow_id, name, reason)
        asyncio.run_coroutine_threadsafe(self._record(message), self._loop)

    async def _record(self, message: RefusedMessage) -> None:
        try:
            await record_refused(self._database, message)
        except DatabaseAway:
            self._recorded.discard(message)
            log.warning("a refused message to %s is not on its case, because the database is away", message.workflow_id)
