"""The site with published articles: published once, retracted once, at a permanent address."""

import re
import unicodedata
from typing import Protocol

from pydantic import BaseModel
from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.database.engine import Database
from backend.database.ids import new_id
from backend.database.tables import Article
from backend.services import effects
from backend.services.keyed import Keyed

KIND = "article"
LONGEST_SLUG = 60
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtext('countersign.articles'), hashtext(:tenant))")


class ArticleRequest(Keyed):
    """What to publish; for a retraction, why."""

    reference: str
    title: str
    summary: str
    body: str
    tags: list[str]
    author: str
    reason: str = ""


class Published(BaseModel):
    """The last part of the article's address."""

    slug: str = ""


class Articles(Protocol):
    """Publishes and retracts, each once per key."""

    async def publish(self, request: ArticleRequest) -> Published:
        """Publish; Refused if it was retracted before."""
        ...

    async def retract(self, request: ArticleRequest) -> None:
        """Take it down; does nothing if it was never published."""
        ...


class PostgresArticles:
    """Articles in our own table, shown by our own pages."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def publish(self, request: ArticleRequest) -> Published:
        """Publish; the same key gets the same address."""
        async with self._database.transaction(request.tenant) as session:
            await session.execute(_ONE_AT_A_TIME, {"tenant": request.tenant})
            if not await effects.first_time(session, KIND, request):
                return Published.model_validate(await effects.result_of(session, request))
            published = Published(slug=await _free(session, slug_of(request.title)))
            content = request.model_dump(exclude={"tenant", "key", "approved", "reason"})
            session.add(Article(id=new_id(), tenant_id=request.tenant, slug=published.slug, **content))
            await effects.settle(session, request, published)
            return published

    async def retract(self, request: ArticleRequest) -> None:
        """Take it down, once; its page then says so."""
        async with self._database.transaction(request.tenant) as session:
            if await effects.undo(session, KIND, request) is None:
                return
            mine = (Article.reference == request.reference, Article.retracted_at.is_(None))
            values = {"retracted_at": func.clock_timestamp(), "retraction": request.reason}
            await session.execute(update(Article).where(*mine).values(values))


def slug_of(title: str) -> str:
    """The title "Grüße aus Wien!" as `grusse-aus-wien`: letters and digits that are safe in any address."""
    plain = unicodedata.normalize("NFKD", title.lower().replace("ß", "ss"))
    words = re.sub(r"[^a-z0-9]+", "-", plain.encode("ascii", "ignore").decode())
    return words.strip("-")[:LONGEST_SLUG].strip("-") or "article"


async def _free(session: AsyncSession, slug: str) -> str:
    """This slug, or the slug with the next free number."""
    taken = set(await session.scalars(select(Article.slug).where(Article.slug.like(f"{slug}%"))))
    number = 1
    while (wanted := slug if number == 1 else f"{slug}-{number}") in taken:
        number += 1
    return wanted
