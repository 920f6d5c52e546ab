"""The tables of Countersign: the read model of cases, the arbiter of approvals, and their ledgers."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Identity,
    Index,
    Numeric,
    Sequence,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from backend.database.ids import new_id

CASE_NUMBERS = Sequence("case_numbers", metadata=SQLModel.metadata)


def moment(*, nullable: bool = False, index: bool = False) -> Any:
    """A column with a point in time, in UTC; now() unless it may be empty."""
    default = None if nullable else text("clock_timestamp()")
    column = Column(DateTime(timezone=True), nullable=nullable, server_default=default, index=index)
    return Field(default=None, sa_column=column)


def document(*, nullable: bool = False) -> Any:
    """A column with a JSON document."""
    return Field(default=None, sa_column=Column(JSONB, nullable=nullable))


class Tenant(SQLModel, table=True):
    """A customer or department apart from all others."""

    __tablename__ = "tenants"
    id: str = Field(primary_key=True, max_length=40)
    name: str
    time_zone: str = "Europe/Vienna"


class Person(SQLModel, table=True):
    """Somebody with an account. The id is the login name."""

    __tablename__ = "people"
    id: str = Field(primary_key=True, max_length=60)
    tenant_id: str = Field(foreign_key="tenants.id", index=True)
    name: str
    email: str
    password_hash: str = ""
    manager_id: str | None = Field(default=None, foreign_key="people.id")
    active: bool = True
    theme: str = "auto"


class Group(SQLModel, table=True):
    """Some people who answer together or have a right together."""

    __tablename__ = "groups"
    tenant_id: str = Field(primary_key=True, foreign_key="tenants.id")
    id: str = Field(primary_key=True, max_length=60)
    name: str


class Membership(SQLModel, table=True):
    """One person in one group."""

    __tablename__ = "memberships"
    __table_args__ = (ForeignKeyConstraint(["tenant_id", "group_id"], ["groups.tenant_id", "groups.id"]),)
    tenant_id: str = Field(primary_key=True)
    group_id: str = Field(primary_key=True)
    person_id: str = Field(primary_key=True, foreign_key="people.id", index=True)


class Session(SQLModel, table=True):
    """A signed-in browser, known by the SHA-256 of its opaque cookie."""

    __tablename__ = "sessions"
    id: str = Field(primary_key=True, max_length=64)
    tenant_id: str = Field(foreign_key="tenants.id")
    person_id: str = Field(foreign_key="people.id", index=True)
    csrf: str
    toast: dict[str, Any] | None = document(nullable=True)
    created_at: datetime = moment()
    seen_at: datetime = moment()
    expires_at: datetime = moment(nullable=True)


class Token(SQLModel, table=True):
    """A bearer token of a person or service, known by its SHA-256."""

    __tablename__ = "tokens"
    id: str = Field(primary_key=True, max_length=64)
    tenant_id: str = Field(foreign_key="tenants.id")
    person_id: str = Field(foreign_key="people.id", index=True)
    name: str
    scope: str = ""
    created_at: datetime = moment()
    used_at: datetime | None = moment(nullable=True)
    revoked_at: datetime | None = moment(nullable=True)


class Case(SQLModel, table=True):
    """One running or finished process: the read model that every page renders from."""

    __tablename__ = "cases"
    __table_args__ = (
        UniqueConstraint("tenant_id", "reference", name="one_case_a_reference"),
        UniqueConstraint("tenant_id", "source", "key", name="one_case_a_submission"),
        Index("cases_newest", "tenant_id", text("opened_at DESC"), text("id DESC")),
        Index("cases_of_person", "tenant_id", "opened_by", text("opened_at DESC"), text("id DESC")),
        Index("cases_of_process", "tenant_id", "process", text("opened_at DESC"), text("id DESC")),
        Index("cases_by_status", "tenant_id", "status", text("opened_at DESC"), text("id DESC")),
        Index("cases_open_of_person", "tenant_id", "opened_by", postgresql_where=text("closed_at IS NULL")),
        Index("cases_not_closed", "tenant_id", "id", postgresql_where=text("closed_at IS NULL")),
    )
    id: UUID = Field(default_factory=new_id, primary_key=True)
    tenant_id: str = Field(foreign_key="tenants.id")
    process: str
    reference: str
    title: str
    status: str = "queued"
    outcome: str | None = None
    input: dict[str, Any] = document()
    plan: dict[str, Any] = document()
    version: int = 1
    amount: Decimal | None = Field(default=None, sa_column=Column(Numeric(18, 2), nullable=True))
    currency: str | None = None
    opened_by: str = Field(foreign_key="people.id")
    source: str
    key: str
    digest: str
    workflow_id: str = Field(index=True)
    run_id: str | None = None
    progress: dict[str, Any] = document()
    progress_at: datetime = moment()
    result: dict[str, Any] | None = document(nullable=True)
    attention: str | None = None
    recall_requested_at: datetime | None = moment(nullable=True)
    recall_requested_by: str | None = None
    opened_at: datetime = moment()
    closed_at: datetime | None = moment(nullable=True)


class CaseVersion(SQLModel, table=True):
    """What the form said in each of its versions, and who wrote it."""

    __tablename__ = "case_versions"
    tenant_id: str = Field(foreign_key="tenants.id")
    case_id: UUID = Field(primary_key=True, foreign_key="cases.id")
    version: int = Field(primary_key=True)
    input: dict[str, Any] = document()
    edited_by: str = Field(foreign_key="people.id")
    at: datetime = moment()


class Draft(SQLModel, table=True):
    """A form that is not sent yet, kept as it was typed."""

    __tablename__ = "drafts"
    id: UUID = Field(default_factory=new_id, primary_key=True)
    tenant_id: str = Field(foreign_key="tenants.id")
    person_id: str = Field(foreign_key="people.id", index=True)
    process: str
    title: str = ""
    fields: list[list[str]] = document()
    saved_at: datetime = moment()


class Approval(SQLModel, table=True):
    """One open question to people, and the arbiter of its verdict."""

    __tablename__ = "approvals"
    __table_args__ = (
        UniqueConstraint("case_id", "step", "round", name="one_approval_a_step_and_round"),
        Index("approvals_by_state", "tenant_id", "state", "due_at", "id"),
    )
    id: UUID = Field(default_factory=new_id, primary_key=True)
    tenant_id: str = Field(foreign_key="tenants.id")
    case_id: UUID = Field(foreign_key="cases.id", index=True)
    step: str
    round: int = 1
    label: str
    question: str
    state: str = "open"
    policy: dict[str, Any] = document()
    version: int
    asked_at: datetime = moment()
    due_at: datetime = moment(nullable=True)
    expires_at: datetime = moment(nullable=True)
    reminded_at: datetime | None = moment(nullable=True)
    escalated_at: datetime | None = moment(nullable=True)
    decided_at: datetime | None = moment(nullable=True)
    decided_by: str | None = None


class Candidate(SQLModel, table=True):
    """A person (`person:ann`) or group (`group:finance`) who may answer an approval."""

    __tablename__ = "candidates"
    __table_args__ = (
        Index(
            "candidates_open", "tenant_id", "principal", "due_at", "approval_id",
            postgresql_where=text("open"),
        ),
    )  # fmt: skip
    tenant_id: str = Field(foreign_key="tenants.id")
    approval_id: UUID = Field(primary_key=True, foreign_key="approvals.id")
    principal: str = Field(primary_key=True)
    due_at: datetime = moment(nullable=True)
    open: bool = True


class Vote(SQLModel, table=True):
    """One person's answer to one approval, with what they saw."""

    __tablename__ = "votes"
    tenant_id: str = Field(foreign_key="tenants.id")
    approval_id: UUID = Field(primary_key=True, foreign_key="approvals.id")
    person_id: str = Field(primary_key=True, foreign_key="people.id", index=True)
    decision: str
    comment: str = ""
    version: int
    digest: str
    acting_for: str | None = None
    channel: str
    at: datetime = moment()


class Comment(SQLModel, table=True):
    """A remark on a case, seen by everyone who sees the case."""

    __tablename__ = "comments"
    id: UUID = Field(default_factory=new_id, primary_key=True)
    tenant_id: str = Field(foreign_key="tenants.id")
    case_id: UUID = Field(foreign_key="cases.id", index=True)
    person_id: str = Field(foreign_key="people.id")
    text: str
    at: datetime = moment()


class JournalEntry(SQLModel, table=True):
    """What happened to a case, in business words. The key makes a repeated report harmless."""

    __tablename__ = "journal"
    __table_args__ = (UniqueConstraint("case_id", "key", name="one_journal_entry_a_key"),)
    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(), primary_key=True))
    tenant_id: str = Field(foreign_key="tenants.id")
    case_id: UUID = Field(foreign_key="cases.id", index=True)
    key: str
    kind: str
    actor: str | None = None
    sentence: str
    quote: str = ""
    at: datetime = moment()


class OutboxRow(SQLModel, table=True):
    """One start or signal that Temporal has to receive; in order for each case."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("outbox_waiting", "case_id", "id", postgresql_where=text("state = 'waiting'")),
        Index("outbox_due", "due_at", postgresql_where=text("state = 'waiting'")),
    )
    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(), primary_key=True))
    tenant_id: str = Field(foreign_key="tenants.id")
    case_id: UUID = Field(foreign_key="cases.id")
    kind: str
    workflow_id: str
    payload: dict[str, Any] = document()
    state: str = "waiting"
    attempts: int = 0
    due_at: datetime = moment()
    error: str | None = None
    created_at: datetime = moment()
    sent_at: datetime | None = moment(nullable=True)


class Effect(SQLModel, table=True):
    """One change outside, known by its business key, so that it happens once."""

    __tablename__ = "effects"
    tenant_id: str = Field(primary_key=True, foreign_key="tenants.id")
    key: str = Field(primary_key=True)
    kind: str
    request: dict[str, Any] = document()
    result: dict[str, Any] = document()
    undone_at: datetime | None = moment(nullable=True)
    at: datetime = moment()


class Budget(SQLModel, table=True):
    """What a cost centre may spend, and what of it is reserved."""

    __tablename__ = "budgets"
    tenant_id: str = Field(primary_key=True, foreign_key="tenants.id")
    cost_centre: str = Field(primary_key=True)
    name: str
    currency: str = "EUR"
    amount: Decimal = Field(sa_column=Column(Numeric(18, 2), nullable=False))
    reserved: Decimal = Field(sa_column=Column(Numeric(18, 2), nullable=False, server_default="0"))


class AuditRow(SQLModel, table=True):
    """One proved fact. The database numbers and chains it: hash = SHA-256(previous, seq, body)."""

    __tablename__ = "audit"
    tenant_id: str = Field(primary_key=True, foreign_key="tenants.id")
    seq: int = Field(default=0, sa_column=Column(BigInteger, primary_key=True))
    body: str
    previous: str = ""
    hash: str = ""


class AuditFact(SQLModel, table=True):
    """A fact on its way into the audit trail; the database moves it there when its transaction commits."""

    __tablename__ = "facts"
    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    tenant_id: str = Field(foreign_key="tenants.id")
    body: str


class File(SQLModel, table=True):
    """A file that somebody uploaded; the bytes are in the object store under its id."""

    __tablename__ = "files"
    id: UUID = Field(default_factory=new_id, primary_key=True)
    tenant_id: str = Field(foreign_key="tenants.id")
    case_id: UUID | None = Field(default=None, foreign_key="cases.id", index=True)
    name: str
    media_type: str
    size: int = Field(sa_column=Column(BigInteger, nullable=False))
    sha256: str
    uploaded_by: str = Field(foreign_key="people.id", index=True)
    at: datetime = moment()
