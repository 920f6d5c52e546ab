"""Take an article down."""

from temporalio import activity

from backend.activities.core.services import services
from backend.services.articles import ArticleRequest


@activity.defn
async def retract_article(request: ArticleRequest) -> None:
    """Retract it. Safe to repeat, and harmless if it was never published."""
    await services().articles.retract(request)
