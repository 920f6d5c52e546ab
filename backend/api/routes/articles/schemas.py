"""Published articles."""

from pydantic import BaseModel

from backend.api.routes.core.schema_types import Moment


class ArticleOut(BaseModel):
    """One published article; its body is Markdown. A retracted one has no body, but a time and a reason."""

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
    """Some articles; `next` is the `after` of the following page, null at the end."""

    items: list[ArticleOut]
    next: str | None
