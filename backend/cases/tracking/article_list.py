"""Published articles: the list, and one by its address. Everybody of the tenant may read them."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.core.errors import NotFound
from backend.database.pages import Page, page_of, read_moment_and_id
from backend.database.patterns import folded, holding, holds
from backend.database.tables import Article
from backend.kit.i18n import N_
from backend.kit.text import single_line


@dataclass(frozen=True)
class ArticleFilter:
    """What to show; empty fields do not filter. `q` is a part of the title, the summary or a tag; `tag` a whole one."""

    q: str = ""
    tag: str = ""


ALL = ArticleFilter()


async def list_articles(
    session: AsyncSession, only: ArticleFilter = ALL, after: str = "", limit: int = 20
) -> Page[Article]:
    """One page of what can be read, newest first. BadCursor if `after` is not ours."""
    statement = select(Article).where(Article.retracted_at.is_(None), *_conditions(only))
    if after:
        statement = statement.where(tuple_(Article.published_at, Article.id) < read_moment_and_id(after))
    statement = statement.order_by(Article.published_at.desc(), Article.id.desc()).limit(limit + 1)
    rows = list(await session.scalars(statement))
    return page_of(rows, limit, lambda row: (row.published_at, row.id))


def _conditions(only: ArticleFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    each = func.jsonb_array_elements_text(Article.tags).column_valued("each")
    if words := single_line(only.q):
        in_a_tag = select(each).where(holding(folded(each), words)).exists()
        found.append(or_(holds(Article.title, words), holds(Article.summary, words), in_a_tag))
    if tag := single_line(only.tag):
        found.append(select(each).where(folded(each) == folded(tag)).exists())
    return found


async def article_of(session: AsyncSession, slug: str) -> Article:
    """The article with this address, retracted or not; NotFound if there never was one."""
    article: Article | None = await session.scalar(select(Article).where(Article.slug == slug))
    if article is None:
        raise NotFound(N_("There is no article at this address."))
    return article
