"""REST: published articles."""

from fastapi import APIRouter

from backend.api.routes.articles.schemas import ArticleOut, ArticlePage
from backend.api.routes.core.dependencies import After, Db, ShortText
from backend.api.routes.core.problems import PROBLEMS
from backend.api.routes.core.security import BEARER, CurrentPerson
from backend.cases.tracking.article_list import ArticleFilter, article_of, list_articles
from backend.database.tables import Article

router = APIRouter(prefix="/articles", tags=["articles"], dependencies=[BEARER], responses=PROBLEMS)


def _out(article: Article) -> ArticleOut:
    body = "" if article.retracted_at else article.body
    return ArticleOut(**article.model_dump(exclude={"body"}), body=body)


@router.get("", name="api:articles:list", summary="List published articles")
async def list_all(
    person: CurrentPerson, database: Db, q: ShortText = "", tag: ShortText = "", after: After = ""
) -> ArticlePage:
    """Newest first. Filter by text in the title, summary or tags, or by one tag; pass `next` as `after`."""
    async with database.transaction(person.tenant) as session:
        page = await list_articles(session, ArticleFilter(q=q, tag=tag), after)
    return ArticlePage(items=[_out(article) for article in page.items], next=page.next)


@router.get("/{slug}", name="api:articles:show", summary="Get an article")
async def show(slug: str, person: CurrentPerson, database: Db) -> ArticleOut:
    """A retracted article has a reason instead of a body."""
    async with database.transaction(person.tenant) as session:
        return _out(await article_of(session, slug))
