"""Lists of approvals: saved filters, and jobs that decide many at once."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from backend.database.ids import new_id
from backend.database.tables.columns import document, moment


class SavedFilter(SQLModel, table=True):
    """A named filter of a list, private or shared with a group. `query` is its part of the address."""

    __tablename__ = "saved_filters"
    __table_args__ = (Index("one_filter_a_name", "tenant_id", "person_id", "name", unique=True),)
    id: UUID = Field(default_factory=new_id, primary_key=True)
    tenant_id: str = Field(foreign_key="tenants.id")
    person_id: str = Field(foreign_key="people.id")
    group_id: str | None = None
    name: str
    query: str
    at: datetime = moment()


class BulkJob(SQLModel, table=True):
    """Many approvals that one person decides at once. Without `choice` it is only a selection so far."""

    __tablename__ = "bulk_jobs"
    id: UUID = Field(default_factory=new_id, primary_key=True)
    tenant_id: str = Field(foreign_key="tenants.id")
    person_id: str = Field(foreign_key="people.id", index=True)
    choice: str | None = None
    comment: str = ""
    back: str = ""
    at: datetime = moment()
    started_at: datetime | None = moment(nullable=True)


class BulkItem(SQLModel, table=True):
    """One approval of a job, the version that was on the screen, and its result."""

    __tablename__ = "bulk_items"
    __table_args__ = (Index("bulk_waiting", "job_id", "position", postgresql_where=text("state = 'waiting'")),)
    job_id: UUID = Field(primary_key=True, foreign_key="bulk_jobs.id")
    position: int = Field(primary_key=True)
    tenant_id: str = Field(foreign_key="tenants.id")
    approval_id: UUID = Field(foreign_key="approvals.id")
    version: int
    state: str = "picked"
    code: str = ""
    sentence: str = ""
    differences: list[dict[str, Any]] = document()
    at: datetime | None = moment(nullable=True)
