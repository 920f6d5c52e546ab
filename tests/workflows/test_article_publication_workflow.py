"""Every branch of an article: reviewed, published at its date, retracted, withdrawn."""

from datetime import timedelta

import pytest
from pydantic import BaseModel
from sqlalchemy import select

from backend.cases.approvals.core.errors import FourEyes
from backend.cases.lifecycle.amend import amend
from backend.cases.lifecycle.case_actions import take_action
from backend.cases.lifecycle.withdraw import withdraw
from backend.database.tables import Article, Case
from backend.kit.action import NoInput
from backend.kit.approval import DecisionKind
from backend.kit.progress import Progress
from backend.processes import by_key
from backend.workflows.article_publication_actions import NewMoment, Retraction
from tests.support.articles import article, moment
from tests.support.cast import person
from tests.support.conditions import eventually
from tests.support.temporal import Desk

WINDOW = timedelta(days=31)


async def write(desk: Desk, who: str = "ann", **changes: object) -> Case:
    return await desk.open_case("article_publication", article(**changes), who)


async def published(desk: Desk, case: Case) -> Article:
    """Wait for the article of this case."""

    async def find() -> Article | None:
        async with desk.database.across_tenants() as session:
            found: Article | None = await session.scalar(select(Article).where(Article.reference == case.reference))
            return found

    return await eventually(find)


async def articles(desk: Desk) -> list[Article]:
    async with desk.database.across_tenants() as session:
        return list(await session.scalars(select(Article)))


async def do(desk: Desk, case: Case, action: str, given: BaseModel, who: str = "edda") -> None:
    """Take a case action as soon as it is offered."""

    async def offered() -> bool:
        return Progress.model_validate((await desk.case(case)).progress).offered(action) is not None

    await eventually(offered)
    by = await person(desk.database, who)
    await take_action(desk.database, by_key(), case.reference, action, given, key=f"{action} {given}", by=by)


async def offers(desk: Desk, case: Case, action: str, number: int) -> None:
    """Wait until this is the open offer."""

    async def standing() -> bool:
        offered = Progress.model_validate((await desk.case(case)).progress).offered(action)
        return offered is not None and offered.offer == number

    await eventually(standing)


async def test_an_article_without_a_moment_is_published_as_soon_as_it_is_reviewed(desk: Desk) -> None:
    case = await write(desk)
    await desk.answer(case, "review", "edda")
    found = await published(desk, case)
    assert (found.slug, found.title, found.author) == ("how-we-moved-the-warehouse", case.title, "ann")
    await offers(desk, case, "retract", 1)
    await desk.skip(case, WINDOW)
    ended = await desk.ended(case)
    assert (ended.status, ended.outcome) == ("completed", "published")
    assert [link["parts"]["slug"] for link in ended.progress["links"]] == [found.slug]


async def test_nobody_reviews_their_own_article_but_their_manager_does(desk: Desk) -> None:
    case = await write(desk, "edda")
    with pytest.raises(FourEyes):
        await desk.answer(case, "review", "edda")
    await desk.answer(case, "review", "mona")
    assert (await published(desk, case)).author == "edda"


async def test_what_is_sent_back_is_written_again_and_reviewed_again(desk: Desk) -> None:
    case = await write(desk)
    await desk.answer(case, "review", "edda", DecisionKind.SEND_BACK, "Say who carried the lamps.")
    form = by_key()["article_publication"].input.model_validate(article(body="Olga carried the lamps."))
    await amend(desk.database, by_key(), case.reference, form, 1, by=await person(desk.database, "ann"))
    await desk.answer(case, "review", "edda", number=2)
    assert (await published(desk, case)).body == "Olga carried the lamps."


async def test_an_article_waits_for_its_moment(desk: Desk) -> None:
    case = await write(desk, publish_at=moment(10).isoformat())
    await desk.answer(case, "review", "edda")
    await offers(desk, case, "move_publication", 1)
    await desk.skip(case, timedelta(days=9))
    assert await articles(desk) == []
    await desk.skip(case, timedelta(days=1, hours=1))
    assert (await published(desk, case)).title == case.title


async def test_the_moment_moves_while_the_article_waits_and_it_can_be_published_at_once(desk: Desk) -> None:
    case = await write(desk, publish_at=moment(10).isoformat())
    await desk.answer(case, "review", "edda")
    await do(desk, case, "move_publication", NewMoment(publish_at=moment(40)))
    await offers(desk, case, "move_publication", 2)
    await desk.skip(case, timedelta(days=11))
    assert await articles(desk) == []
    await do(desk, case, "publish_now", NoInput(), "ann")
    await published(desk, case)
    assert (await desk.case(case)).version == 2


async def test_a_published_article_is_retracted_and_says_why(desk: Desk) -> None:
    case = await write(desk)
    await desk.answer(case, "review", "edda")
    await do(desk, case, "retract", Retraction(reason="The numbers were wrong."))
    ended = await desk.ended(case)
    assert (ended.outcome, ended.result["sentence"] if ended.result else "") == (
        "retracted",
        "Edda Holm retracted the article.",
    )
    found = await published(desk, case)
    assert found.retracted_at is not None
    assert found.retraction == "The numbers were wrong."


async def test_two_articles_of_one_title_have_two_addresses(desk: Desk) -> None:
    slugs = set()
    for _ in range(2):
        case = await write(desk)
        await desk.answer(case, "review", "edda")
        slugs.add((await published(desk, case)).slug)
    assert slugs == {"how-we-moved-the-warehouse", "how-we-moved-the-warehouse-2"}


@pytest.mark.parametrize("step", ["review", "sent back", "waiting"])
async def test_a_recall_before_publication_publishes_nothing(desk: Desk, step: str) -> None:
    case = await write(desk, publish_at=moment(10).isoformat())
    await desk.approval(case, "review")
    if step == "sent back":
        await desk.answer(case, "review", "edda", DecisionKind.SEND_BACK, "Too long.")
    if step == "waiting":
        await desk.answer(case, "review", "edda")
        await offers(desk, case, "publish_now", 1)
    await withdraw(desk.database, by_key(), case.reference, "", by=await person(desk.database, "ann"))
    assert (await desk.ended(case)).outcome == "recalled"
    assert await articles(desk) == []


async def test_a_recall_after_publication_takes_the_article_down(desk: Desk) -> None:
    case = await write(desk)
    await desk.answer(case, "review", "edda")
    await offers(desk, case, "retract", 1)
    await withdraw(desk.database, by_key(), case.reference, "", by=await person(desk.database, "ann"))
    assert (await desk.ended(case)).outcome == "retracted"
    assert (await published(desk, case)).retracted_at is not None


async def test_cancelling_the_case_takes_the_article_down(desk: Desk) -> None:
    case = await write(desk)
    await desk.answer(case, "review", "edda")
    await offers(desk, case, "retract", 1)
    await desk.handle(case).cancel()
    assert (await desk.ended(case)).status == "cancelled"
    assert (await published(desk, case)).retracted_at is not None


@pytest.mark.parametrize("silent", [True, False], ids=["silence", "a no"])
async def test_without_a_yes_nothing_is_published(desk: Desk, silent: bool) -> None:  # noqa: FBT001
    case = await write(desk)
    await desk.approval(case, "review")
    if silent:
        await desk.skip(case, timedelta(days=70))
    else:
        await desk.answer(case, "review", "mona", DecisionKind.REJECT, "Not for outside.")
    assert (await desk.ended(case)).outcome == ("expired" if silent else "rejected")
    assert await articles(desk) == []
