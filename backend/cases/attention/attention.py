"""What waits for a person: one list behind home, the inbox, and the counter in the menu."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.core.access import Processes
from backend.cases.core.actor import Actor
from backend.cases.inbox.lists import waiting_count
from backend.cases.tracking.my_tasks import Task, my_tasks


@dataclass(frozen=True)
class Attention:
    """How many approvals wait for the person, and everything else that does."""

    approvals: int
    tasks: Sequence[Task] = ()

    @property
    def count(self) -> int:
        """Both together, as home, inbox and menu count them."""
        return self.approvals + len(self.tasks)


async def attention_of(
    session: AsyncSession, actor: Actor, processes: Processes, approvals: int | None = None
) -> Attention:
    """All of it; `approvals` if they were counted before."""
    if approvals is None:
        approvals = await waiting_count(session, actor)
    return Attention(approvals, await my_tasks(session, actor, processes))
