"""The read model of cases: what every page renders from."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Computed,
    Identity,
    Index,
    Numeric,
    Sequence,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlmodel import Field, SQLModel

from backend.database.ids import new_id
from backend.database.tables.columns import document, moment

CASE_NUMBERS = Sequence("case_numbers", metadata=SQLModel.metadata)


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
        Index(
            "cases_needing_attention", "tenant_id", "opened_at",
            postgresql_where=text("attention IS NOT NULL AND closed_at IS NULL"),
        ),
    )  # fmt: skip
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
    priority: int = Field(default=2, sa_column=Column(SmallInteger, nullable=False, server_default="2"))
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
    overridden: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default="false"))
    recall_requested_at: datetime | None = moment(nullable=True)
    recall_requested_by: str | None = None
    opened_at: datetime = moment()
    closed_at: datetime | None = moment(nullable=True)


# What a search reads, in what was entered and in the facts of the result; text of PostgreSQL's `folded`, which knows
# all capitals on every installation. See `patterns`.
_SHORT = '@.type() == "string" && @ like_regex "^.{0,200}$" flag "s"'
_NO_ID = '!(@ like_regex "^[0-9a-f]{8}-[0-9a-f]{4}-")'


def _words(document: str, path: str) -> str:
    """The texts at these places of a document, without the brackets, the quotation marks and the commas of JSON."""
    found = f"btrim(jsonb_path_query_array({document}, '{path}')::text, '[]\"')"
    return f"""replace(replace({found}, '", "', ' '), '\\"', '"')"""


_ENTERED = f"left({_words('input', f'strict $.** ? ({_SHORT} && {_NO_ID})')}, 4000)"
_RESULT = f"coalesce(left({_words('result', f'lax $.facts.* ? ({_SHORT})')}, 1000), '')"
_SEARCH = f"""
    folded(reference || ' ' || title || ' ' || coalesce(amount::text, '') || ' ' || {_ENTERED} || ' ' || {_RESULT})
"""
SEARCH: Column[str] = Column("search", Text, Computed(_SEARCH, persisted=True), nullable=False)
# Only the index reads it. Behind the wall of a tenant, an index answers for plain columns and not for expressions.
CUSTOMER_EMAIL: Column[str] = Column(
    "customer_email", String, Computed("folded(input #>> '{customer,email}')", persisted=True), nullable=True
)
_CASES = SQLModel.metadata.tables["cases"]
_CASES.append_column(SEARCH)
_CASES.append_column(CUSTOMER_EMAIL)
Index(
    "cases_of_customer",
    _CASES.c.tenant_id, _CASES.c.process, CUSTOMER_EMAIL, text("opened_at DESC"),
    postgresql_where=CUSTOMER_EMAIL.is_not(None),
)  # fmt: skip


class CaseVersion(SQLModel, table=True):
    """What the form said in each of its versions, and who wrote it; an approver corrects it within an approval."""

    __tablename__ = "case_versions"
    tenant_id: str = Field(foreign_key="tenants.id")
    case_id: UUID = Field(primary_key=True, foreign_key="cases.id")
    version: int = Field(primary_key=True)
    input: dict[str, Any] = document()
    edited_by: str = Field(foreign_key="people.id")
    corrected_in: UUID | None = Field(default=None, foreign_key="approvals.id")
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
