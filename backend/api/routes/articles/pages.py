"""Articles: the list of what is published, and one to read."""

from dataclasses import asdict
from http import HTTPStatus

from fastapi import APIRouter
from fastapi.responses import Response

from backend.api.routes.core.dependencies import After, Db, ShortText
from backend.api.routes.core.rendering import Render
from backend.api.routes.core.security import SIGNED_IN, CurrentPerson
from backend.cases.core.actor import names_of
from backend.cases.tracking.article_list import ArticleFilter, article_of, list_articles

router = APIRouter(tags=["articles"], dependencies=[SIGNED_IN])


@router.get("/articles", name="articles:list")
async def show_list(
    person: CurrentPerson, database: Db, render: Render, q: ShortText = "", tag: ShortText = "", after: After = ""
) -> Response:
    """What can be read, newest first."""
    only = ArticleFilter(q=q, tag=tag)
    async with database.transaction(person.tenant) as session:
        page = await list_articles(session, only, after)
        names = await names_of(session, {article.author for article in page.items})
    query = {name: value for name, value in asdict(only).items() if value}
    return await render(
        "articles/list.html", active="articles", page=page, names=names, only=only, query=query, after=after
    )


@router.get("/articles/{slug}", name="articles:show")
async def show(slug: str, person: CurrentPerson, database: Db, render: Render) -> Response:
    """One article; a retracted one says so at its address, and is gone."""
    async with database.transaction(person.tenant) as session:
        article = await article_of(session, slug)
        names = await names_of(session, {article.author})
    answer = HTTPStatus.GONE if article.retracted_at else HTTPStatus.OK
    return await render("articles/page.html", answer=answer, active="articles", article=article, names=names)
