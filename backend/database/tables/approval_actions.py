"""What supports a decision: questions to the requester, advice from colleagues, and substitutes."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Column, Index, Numeric, String, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from backend.database.ids import new_id
from backend.database.tables.columns import moment


class Question(SQLModel, table=True):
    """A question of an approver to the requester, and its answer."""

    __tablename__ = "questions"
    id: UUID = Field(default_factory=new_id, primary_key=True)
    tenant_id: str = Field(foreign_key="tenants.id")
    case_id: UUID = Field(foreign_key="cases.id", index=True)
    approval_id: UUID = Field(foreign_key="approvals.id", index=True)
    asked_by: str = Field(foreign_key="people.id")
    text: str
    asked_at: datetime = moment()
    answered_by: str | None = Field(default=None, foreign_key="people.id")
    answer: str = ""
    answered_at: datetime | None = moment(nullable=True)


class AdviceRequest(SQLModel, table=True):
    """One approver asks one colleague for advice; the decision stays with the approver.

    `state` is `open`, `answered` or `taken_back`; `advice` is a choice in words, empty until it is answered.
    """

    __tablename__ = "delegations"
    __table_args__ = (
        Index(
            "one_open_delegation", "approval_id", "from_person", unique=True, postgresql_where=text("state = 'open'")
        ),
    )
    id: UUID = Field(default_factory=new_id, primary_key=True)
    tenant_id: str = Field(foreign_key="tenants.id")
    approval_id: UUID = Field(foreign_key="approvals.id", index=True)
    from_person: str = Field(foreign_key="people.id")
    to_person: str = Field(foreign_key="people.id", index=True)
    note: str = ""
    state: str = "open"
    advice: str = ""
    words: str = ""
    at: datetime = moment()
    answered_at: datetime | None = moment(nullable=True)


class Substitution(SQLModel, table=True):
    """Who decides for an absent person, from when until when, in which processes and up to which amount.

    No processes means all of them, no amount means any.
    """

    __tablename__ = "substitutions"
    __table_args__ = (Index("substitutions_running", "tenant_id", "substitute_id", "ends_at"),)
    id: UUID = Field(default_factory=new_id, primary_key=True)
    tenant_id: str = Field(foreign_key="tenants.id")
    person_id: str = Field(foreign_key="people.id", index=True)
    substitute_id: str = Field(foreign_key="people.id")
    starts_at: datetime = moment(nullable=True)
    ends_at: datetime = moment(nullable=True)
    processes: list[str] = Field(
        default_factory=list, sa_column=Column(ARRAY(String), nullable=False, server_default="{}")
    )
    up_to: Decimal | None = Field(default=None, sa_column=Column(Numeric(18, 2), nullable=True))
    ended_at: datetime | None = moment(nullable=True)
    at: datetime = moment()
