"""What the desk knows of its own work: which processes are alive, and which steps fail."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, SQLModel

from backend.database.tables.columns import document, moment


class Heartbeat(SQLModel, table=True):
    """A process that runs, the task queues that it works on, and when it last said so."""

    __tablename__ = "heartbeats"
    id: str = Field(primary_key=True)
    role: str
    host: str
    pid: int
    queues: list[str] = document()
    started_at: datetime = moment()
    seen_at: datetime = moment()


class FailingStep(SQLModel, table=True):
    """A step of a running case whose last attempt failed; `step` is empty for the workflow's own code.

    `attention` is what its owners were notified of; empty before.
    """

    __tablename__ = "failing_steps"
    workflow_id: str = Field(primary_key=True)
    activity_id: str = Field(primary_key=True)
    tenant_id: str = Field(foreign_key="tenants.id")
    case_id: UUID = Field(foreign_key="cases.id", index=True)
    step: str
    attempts: int
    reason: str
    attention: str = ""
    since: datetime = moment()
    failed_at: datetime = moment()
    next_at: datetime | None = moment(nullable=True)
