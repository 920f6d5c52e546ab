"""Ledgers: outbox, effects, budgets, stock and the audit log."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, Identity, Index, Integer, Numeric, text
from sqlmodel import Field, SQLModel

from backend.database.tables.columns import document, moment


class OutboxRow(SQLModel, table=True):
    """One start or signal that Temporal has to receive; in order for each case.

    Starts of one person's cases of one process share a `flow`; flows take turns, in the order of `turn_at`.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index("outbox_waiting", "case_id", "id", postgresql_where=text("state = 'waiting'")),
        Index("outbox_due", "due_at", postgresql_where=text("state = 'waiting'")),
        Index("outbox_order", "turn_at", postgresql_where=text("state = 'waiting'")),
        Index("outbox_flows", "tenant_id", "flow", "turn_at", postgresql_where=text("state = 'waiting'")),
        Index("outbox_sent", "sent_at", postgresql_where=text("state = 'sent'")),
    )
    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(), primary_key=True))
    tenant_id: str = Field(foreign_key="tenants.id")
    case_id: UUID = Field(foreign_key="cases.id")
    kind: str
    workflow_id: str
    payload: dict[str, Any] = document()
    state: str = "waiting"
    attempts: int = 0
    flow: str = Field(default="", sa_column_kwargs={"server_default": ""})
    turn_at: datetime = moment()
    due_at: datetime = moment()
    error: str | None = None
    created_at: datetime = moment()
    sent_at: datetime | None = moment(nullable=True)


class Effect(SQLModel, table=True):
    """One change in another system, identified by its business key, so that it happens once."""

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


class StockItem(SQLModel, table=True):
    """A product: how many there are, and how many of them are reserved."""

    __tablename__ = "stock"
    __table_args__ = (CheckConstraint("reserved >= 0 AND reserved <= quantity", name="no_more_than_there_is"),)
    tenant_id: str = Field(primary_key=True, foreign_key="tenants.id")
    sku: str = Field(primary_key=True, max_length=40)
    name: str
    quantity: int
    reserved: int = Field(default=0, sa_column=Column(Integer, nullable=False, server_default="0"))

    @property
    def free(self) -> int:
        """How many can still be reserved."""
        return self.quantity - self.reserved


class AuditRow(SQLModel, table=True):
    """One proved fact. The database numbers and chains it: hash = SHA-256(previous, seq, body)."""

    __tablename__ = "audit"
    __table_args__ = (
        Index("audit_by_actor", "tenant_id", text("(body::jsonb ->> 'actor')"), text("seq DESC")),
        Index("audit_by_action", "tenant_id", text("(body::jsonb ->> 'action')"), text("seq DESC")),
        Index("audit_by_subject", "tenant_id", text("(body::jsonb ->> 'subject')"), text("seq DESC")),
        Index("audit_by_time", "tenant_id", text("(body::jsonb ->> 'at')"), text("seq DESC")),
    )
    tenant_id: str = Field(primary_key=True, foreign_key="tenants.id")
    seq: int = Field(default=0, sa_column=Column(BigInteger, primary_key=True))
    body: str
    previous: str = ""
    hash: str = ""


class AuditFact(SQLModel, table=True):
    """A fact on its way into the audit log; the database moves it there when its transaction commits."""

    __tablename__ = "facts"
    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    tenant_id: str = Field(foreign_key="tenants.id")
    body: str
