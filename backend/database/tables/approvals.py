"""Approvals: the arbiter of each verdict, who may decide, and what they decided."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Index, SmallInteger, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from backend.database.ids import new_id
from backend.database.tables.columns import document, moment
from backend.kit.policy import ApprovalPolicy


class Approval(SQLModel, table=True):
    """One approval: open, or closed with its one verdict.

    `impossible` says in words why nobody, or too few, can decide it; empty while enough can.
    The database copies what lists filter and sort by (process, requester, cents, priority, fields) from the case while
    the approval is open. `cents` is -1 where there is no amount, `priority` 1 for high.
    """

    __tablename__ = "approvals"
    __table_args__ = (
        UniqueConstraint("case_id", "step", "round", name="one_approval_a_step_and_round"),
        Index("approvals_by_state", "tenant_id", "state", "due_at", "id"),
        Index("approvals_by_amount", "tenant_id", "state", "cents", "id"),
        Index("approvals_by_age", "tenant_id", "state", "asked_at", "id"),
        Index("approvals_by_priority", "tenant_id", "state", "priority", "due_at", "id"),
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
    reminders_sent: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    escalations_done: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    impossible: str = Field(default="", sa_column_kwargs={"server_default": ""})
    decided_at: datetime | None = moment(nullable=True)
    decided_by: str | None = None
    claimed_by: str | None = Field(default=None, foreign_key="people.id")
    claimed_at: datetime | None = moment(nullable=True)
    undo_until: datetime | None = moment(nullable=True)
    overridden: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default="false"))
    process: str | None = None
    requester: str | None = None
    cents: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    priority: int | None = Field(default=None, sa_column=Column(SmallInteger, nullable=True))
    fields: dict[str, Any] | None = document(nullable=True)

    @property
    def fixed_policy(self) -> ApprovalPolicy:
        """The policy as it was fixed when the approval opened, with what people changed since."""
        return ApprovalPolicy.model_validate(self.policy)


class Candidate(SQLModel, table=True):
    """A person (`person:ann`) or group (`group:finance`) who may decide an approval.

    `role` is `decide`; `advise` for a colleague who only gives advice; `gone` for a person whose decision was
    reassigned.
    """

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
    role: str = Field(default="decide", sa_column_kwargs={"server_default": "decide"})


class Waiting(SQLModel, table=True):
    """An open approval in the inbox of a principal, with what lists filter and sort by.

    The database writes a row for each open candidate and keeps it in step with the approval; nothing else writes it.
    `acted_on` says that somebody other than the requester decided it, had it reassigned, or edited the case.
    """

    __tablename__ = "waiting"
    __table_args__ = (
        Index("waiting_by_due", "tenant_id", "principal", "due_at", "approval_id"),
        Index("waiting_by_amount", "tenant_id", "principal", "cents", "approval_id"),
        Index("waiting_by_age", "tenant_id", "principal", "asked_at", "approval_id"),
        Index("waiting_by_priority", "tenant_id", "principal", "priority", "due_at", "approval_id"),
        Index("waiting_by_requester", "tenant_id", "principal", "requester", "due_at", "approval_id"),
        Index("waiting_for_advice", "tenant_id", "principal", postgresql_where=text("role = 'advise'")),
    )
    approval_id: UUID = Field(primary_key=True, foreign_key="approvals.id")
    principal: str = Field(primary_key=True)
    tenant_id: str = Field(foreign_key="tenants.id")
    role: str
    case_id: UUID
    process: str
    step: str
    requester: str
    cents: int = Field(sa_column=Column(BigInteger, nullable=False))
    priority: int = Field(sa_column=Column(SmallInteger, nullable=False))
    fields: dict[str, Any] = document()
    asked_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    due_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    claimed_by: str | None = None
    acted_on: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default="false"))


class RecordedDecision(SQLModel, table=True):
    """One person's decision on one approval, with the version they saw.

    `decision` is its kind. `kind` is `own`, `override`, or `kept` when it was made on a previous version. A seat has
    one decision, whether its owner or a substitute made it. `policy` is the digest of the policy at that time, `event`
    the outbox row that signalled the workflow. `option` is the button that was pressed, `extra` the fields with it.
    """

    # The table keeps its first name: processes of the release before insert into it during a rolling update, and
    # neither its triggers nor ON CONFLICT nor row-level security work the same through a view.
    __tablename__ = "votes"
    __table_args__ = (
        Index("one_vote_a_seat", "approval_id", text("coalesce(acting_for, person_id)"), unique=True),
        Index("votes_of_person", "tenant_id", "person_id", "at", "approval_id"),
    )
    tenant_id: str = Field(foreign_key="tenants.id")
    approval_id: UUID = Field(primary_key=True, foreign_key="approvals.id")
    person_id: str = Field(primary_key=True, foreign_key="people.id", index=True)
    decision: str
    comment: str = ""
    version: int
    digest: str
    acting_for: str | None = None
    channel: str
    kind: str = Field(default="own", sa_column_kwargs={"server_default": "own"})
    policy: str = Field(default="", sa_column_kwargs={"server_default": ""})
    option: str = Field(default="", sa_column_kwargs={"server_default": ""})
    extra: dict[str, Any] | None = document(nullable=True)
    corrected_from: int | None = None
    event: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    at: datetime = moment()

    @property
    def seat(self) -> str:
        """Whose seat it fills."""
        return self.acting_for or self.person_id
