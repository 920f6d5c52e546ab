"""Publish an article on the site."""

from temporalio import activity

from backend.activities.core.services import services
from backend.services.articles import ArticleRequest, Published


@activity.defn
async def publish_article(request: ArticleRequest) -> Published:
    """Publish it. Safe to repeat: one article per key."""
    return await services().articles.publish(request)
