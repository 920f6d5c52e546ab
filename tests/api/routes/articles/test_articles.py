"""The list of articles is searched and filtered by tag; a published article is taken down in one way."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx2

from backend.database.engine import Database
from backend.database.tables import Article
from backend.workflows.article_publication_actions import RETRACT
from tests.support.acting import offer
from tests.support.articles import article
from tests.support.html import Element, page_of, said_in
from tests.support.web import Visitor

CASES = "/api/v1/processes/article_publication/cases"


async def published(database: Database, title: str, **more: Any) -> str:
    """An article by ann; its address."""
    slug = f"a-{uuid4()}"
    given = {"summary": "One weekend.", "tags": ["logistics"], **more}
    row = Article(tenant_id="default", slug=slug, reference=slug, title=title, body="Words", author="ann", **given)
    async with database.transaction("default") as session:
        session.add(row)
    return slug


async def found(client: httpx2.AsyncClient, **query: str) -> list[str]:
    """The titles on the page, which REST lists too."""
    page = page_of(await client.get("/articles", params=query))
    titles = [link.text for link in page.all(".cs-articles h2 a")]
    listed = (await client.get("/api/v1/articles", params=query)).json()
    assert [item["title"] for item in listed["items"]] == titles
    return titles


async def test_articles_are_found_by_words_of_title_summary_and_tags(database: Database, browser_of: Visitor) -> None:
    day = datetime.now(UTC)
    await published(database, "Möbel für alle", published_at=day)
    await published(database, "Lamps", summary="How the 100% light came in", published_at=day - timedelta(days=1))
    await published(database, "Chairs", tags=["Fire safety", "news"], published_at=day - timedelta(days=2))
    ann = await browser_of("ann")
    assert await found(ann) == ["Möbel für alle", "Lamps", "Chairs"]
    assert await found(ann, q=" MÖBEL für") == ["Möbel für alle"]
    assert await found(ann, q="100% LIGHT") == await found(ann, q="100%") == ["Lamps"]
    assert await found(ann, q="safe") == ["Chairs"]
    assert await found(ann, q='safety", "news') == await found(ann, q="%%") == []
    nothing = page_of(await ann.get("/articles?q=nothing"))
    assert "No matches" in nothing.text
    assert "/articles" in nothing.one("main").links
    assert nothing.one("#f-q").held == "nothing"
    assert (await ann.get("/articles", params={"q": "x" * 101})).status_code == 422


async def test_a_tag_is_a_link_to_the_articles_that_have_it(database: Database, browser_of: Visitor) -> None:
    slug = await published(database, "Moved", tags=["R&D / Graz", "news"])
    await published(database, "Shouted", tags=["r&d / GRAZ"])
    await published(database, "Other", tags=["news", "R&D"])
    ann = await browser_of("ann")
    for where in ("/articles?q=moved", f"/articles/{slug}"):
        tags = {link.text: link["href"] for link in page_of(await ann.get(where)).all(".cs-tags a")}
        assert set(tags) == {"R&D / Graz", "news"}, where
        page = page_of(await ann.get(tags["R&D / Graz"]))
        assert {link.text for link in page.all(".cs-articles h2 a")} == {"Moved", "Shouted"}
        assert page.one("[name=tag]").held == "R&D / Graz"
    assert await found(ann, tag="news", q="moved") == ["Moved"]


async def test_the_next_page_has_the_same_filter(database: Database, browser_of: Visitor) -> None:
    for number in range(21):
        await published(database, f"Number {number}", tags=["series"])
    await published(database, "Apart", tags=["single"])
    ann = await browser_of("ann")
    first = page_of(await ann.get("/articles?tag=series&q=number"))
    second = page_of(await ann.get(first.one("a[rel=next]")["href"]))
    counts = [len(page.all(".cs-articles h2 a")) for page in (first, second)]
    assert counts == [20, 1]


async def acts(client: httpx2.AsyncClient, reference: str) -> list[str]:
    """What the page of the case offers to do."""
    page: Element = page_of(await client.get(f"/cases/{reference}")).one("main")
    return [link.text for link in page.all("a.btn") if link.text in {"Withdraw", "Retract article"}]


async def test_what_is_published_is_retracted_and_not_withdrawn_too(
    database: Database, program_of: Visitor, browser_of: Visitor
) -> None:
    opened = await (await program_of("ann")).post(CASES, json=article(), headers={"idempotency-key": str(uuid4())})
    reference = str(opened.json()["reference"])
    ann, root = await browser_of("ann"), await browser_of("root")
    assert await acts(ann, reference) == ["Withdraw"]
    await offer(database, reference, [RETRACT])
    assert await acts(ann, reference) == ["Retract article"]
    assert await acts(root, reference) == ["Withdraw"], "an administrator who may not retract"
    live = said_in(await ann.get(f"/cases/{reference}/status"))
    assert "Retract article" in live
    assert "Withdraw" not in live
