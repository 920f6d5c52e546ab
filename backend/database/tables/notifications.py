"""Notifications in the app, the email log, and email settings."""

from datetime import datetime, time
from uuid import UUID

from sqlalchemy import Column, Index, Time, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from backend.database.ids import new_id
from backend.database.tables.columns import moment


class Notification(SQLModel, table=True):
    """One notification of one person, in the app; one for each key."""

    __tablename__ = "notifications"
    __table_args__ = (
        UniqueConstraint("tenant_id", "person_id", "key", name="told_once"),
        Index("notifications_newest", "tenant_id", "person_id", text("at DESC"), text("id DESC")),
        Index(
            "notifications_unread", "tenant_id", "person_id", text("at DESC"), text("id DESC"),
            postgresql_where=text("read_at IS NULL"),
        ),
        Index("notifications_of_approval", "approval_id"),
    )  # fmt: skip
    id: UUID = Field(default_factory=new_id, primary_key=True)
    tenant_id: str = Field(foreign_key="tenants.id")
    person_id: str = Field(foreign_key="people.id")
    case_id: UUID | None = Field(default=None, foreign_key="cases.id")
    approval_id: UUID | None = Field(default=None, foreign_key="approvals.id")
    key: str
    event: str
    headline: str
    note: str = ""
    by: str | None = None
    at: datetime = moment()
    read_at: datetime | None = moment(nullable=True)


class Delivery(SQLModel, table=True):
    """One email and its result. It is written when it is sent; for a digest it waits for that.

    `unconfirmed` counts the attempts whose result was lost: each may have reached the mail server.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        Index("deliveries_newest", "tenant_id", text("created_at DESC"), text("id DESC")),
        Index("deliveries_due", "due_at", postgresql_where=text("state IN ('queued', 'retried')")),
        Index("deliveries_collected", "due_at", postgresql_where=text("state = 'collected' AND digest_id IS NULL")),
        Index("deliveries_of_digest", "digest_id", postgresql_where=text("digest_id IS NOT NULL")),
        Index("deliveries_of_case", "case_id"),
    )
    id: UUID = Field(default_factory=new_id, primary_key=True)
    tenant_id: str = Field(foreign_key="tenants.id")
    person_id: str = Field(foreign_key="people.id", index=True)
    case_id: UUID | None = Field(default=None, foreign_key="cases.id")
    approval_id: UUID | None = Field(default=None, foreign_key="approvals.id")
    digest_id: UUID | None = Field(default=None, foreign_key="deliveries.id")
    event: str
    headline: str
    note: str = ""
    state: str = "queued"
    attempts: int = 0
    resends: int = 0
    unconfirmed: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    reason: str = ""
    provider_id: str = ""
    due_at: datetime = moment()
    created_at: datetime = moment()
    sent_at: datetime | None = moment(nullable=True)
    link_spent_at: datetime | None = moment(nullable=True)


class EmailPreference(SQLModel, table=True):
    """The email settings of a person; without a row, each email is sent immediately."""

    __tablename__ = "mail_preferences"
    tenant_id: str = Field(foreign_key="tenants.id")
    person_id: str = Field(primary_key=True, foreign_key="people.id")
    daily: bool = False
    daily_at: time = Field(default=time(8), sa_column=Column(Time, nullable=False))
    quiet_from: time | None = Field(default=None, sa_column=Column(Time, nullable=True))
    quiet_until: time | None = Field(default=None, sa_column=Column(Time, nullable=True))


class MailboxEmail(SQLModel, table=True):
    """An email as it would have been sent, where no mail server is configured."""

    __tablename__ = "mailbox"
    tenant_id: str = Field(foreign_key="tenants.id")
    delivery_id: UUID = Field(primary_key=True, foreign_key="deliveries.id")
    message_id: str
    address: str
    subject: str
    text: str
    html: str
    at: datetime = moment()
