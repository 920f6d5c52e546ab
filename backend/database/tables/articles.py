"""Published articles."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from backend.database.ids import new_id
from backend.database.tables.columns import document, moment


class Article(SQLModel, table=True):
    """A published article; a retracted one keeps its address and says so there."""

    __tablename__ = "articles"
    __table_args__ = (
        UniqueConstraint("tenant_id", "slug", name="one_article_a_slug"),
        UniqueConstraint("tenant_id", "reference", name="one_article_a_case"),
        Index("articles_newest", "tenant_id", text("published_at DESC"), text("id DESC")),
    )
    id: UUID = Field(default_factory=new_id, primary_key=True)
    tenant_id: str = Field(foreign_key="tenants.id")
    slug: str
    reference: str
    title: str
    summary: str
    body: str
    tags: list[str] = document()
    author: str = Field(foreign_key="people.id")
    published_at: datetime = moment()
    retracted_at: datetime | None = moment(nullable=True)
    retraction: str = ""
