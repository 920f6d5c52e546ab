"""The demo opens its cases once, in many states, whatever people did with them since."""

from collections import Counter

from sqlalchemy import func, select

from backend.commands.demo.play import play, stories
from backend.database.engine import Database
from backend.database.tables import Approval, Article, Case, RecordedDecision
from tests.support.conditions import eventually
from tests.support.leftovers import count
from tests.support.temporal import Desk

SHOWN = {
    "purchase_approval": ["running", "ordered", "rejected", "recalled", "over_budget"],
    "order_fulfillment": ["running", "fulfilled", "rejected"],
    "employee_onboarding": ["running", "rejected"],
    "article_publication": ["running", "retracted"],
    "credit_check": ["running", "granted", "refused"],
    "retention_cleanup": ["counted"],
    "overdue_digest": ["told"],
}


async def picture(database: Database) -> Counter[tuple[str, str]]:
    """The number of cases per process and outcome."""
    async with database.across_tenants() as session:
        rows = await session.execute(select(Case.process, func.coalesce(Case.outcome, "running")))
        return Counter(rows.all())


async def readable(database: Database) -> int:
    """The number of published articles."""
    async with database.across_tenants() as session:
        return int(await session.scalar(select(func.count()).where(Article.retracted_at.is_(None))) or 0)


async def test_every_process_is_shown_in_its_states_and_again_changes_nothing(desk: Desk, database: Database) -> None:
    assert await play(database) == []

    async def settled() -> Counter[tuple[str, str]] | None:
        found = await picture(database)
        everything = all(found[process, state] for process, states in SHOWN.items() for state in states)
        return found if everything and await readable(database) == 1 else None

    shown = await eventually(settled, seconds=60)
    async with database.across_tenants() as session:
        states = set(await session.scalars(select(Approval.state)))
        late = select(func.count()).where(Approval.state == "open", Approval.due_at < func.clock_timestamp())
        assert await session.scalar(late)
    assert states >= {"open", "approved", "rejected", "sent_back", "withdrawn"}
    votes = await count(database, RecordedDecision)
    assert await play(database) == []
    assert (await picture(database), await count(database, RecordedDecision)) == (shown, votes)


def test_no_two_stories_share_a_name() -> None:
    names = Counter(story.name for story in stories())
    assert max(names.values()) == 1
