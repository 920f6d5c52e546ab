"""Play all stories of the demo, a few at a time, so that the desk stays responsive meanwhile."""

import asyncio
from collections.abc import Iterator

from backend.commands.demo import articles, checks, onboardings, orders, purchases
from backend.commands.demo.story import Stage, Story, play_story
from backend.database.engine import Database
from backend.processes import by_key

AT_ONCE = 3


def stories() -> Iterator[Story]:
    """All of them."""
    yield from purchases.stories()
    yield from orders.stories()
    yield from onboardings.stories()
    yield from articles.stories()
    yield from checks.stories()


async def play(database: Database) -> list[str]:
    """Play every story to its end; returns why the others stopped. Safe to repeat."""
    stage, turn = Stage(database, by_key()), asyncio.Semaphore(AT_ONCE)

    async def in_turn(story: Story) -> str:
        async with turn:
            return await play_story(stage, story)

    return [stopped for stopped in await asyncio.gather(*map(in_turn, stories())) if stopped]
