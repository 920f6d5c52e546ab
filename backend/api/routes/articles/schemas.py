"""Published articles."""

from pydantic import BaseModel

from backend.api.routes.core.schema_types import Moment


class ArticleOut(BaseModel):
    """A published article with a Markdown body; a retracted one has a time and a reason instead."""

    slug: str
    reference: str
    title: str
    summary: str
    body: str
    tags: list[str]
    author: str
    published_at: Moment
    retracted_at: Moment | None
    retraction: str


class ArticlePage(BaseModel):
    """One page of articles; `next` is the `after` of the next page, null at the end."""

    items: list[ArticleOut]
    next: str | None
