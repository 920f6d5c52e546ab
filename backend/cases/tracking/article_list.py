"""Published articles: the list, and one by its address. Everybody of the tenant may read them."""

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.core.errors import NotFound
from backend.database.pages import Page, page_of, read_moment_and_id
from backend.database.tables import Article
from backend.kit.i18n import N_


async def list_articles(session: AsyncSession, after: str = "", limit: int = 20) -> Page[Article]:
    """One page of what can be read, newest first. BadCursor if `after` is not ours."""
    statement = select(Article).where(Article.retracted_at.is_(None))
    if after:
        statement = statement.where(tuple_(Article.published_at, Article.id) < read_moment_and_id(after))
    statement = statement.order_by(Article.published_at.desc(), Article.id.desc()).limit(limit + 1)
    rows = list(await session.scalars(statement))
    return page_of(rows, limit, lambda row: (row.published_at, row.id))


async def article_of(session: AsyncSession, slug: str) -> Article:
    """The article with this address, retracted or not; NotFound if there never was one."""
    article: Article | None = await session.scalar(select(Article).where(Article.slug == slug))
    if article is None:
        raise NotFound(N_("There is no article at this address."))
    return article
