"""Case actions that people have taken."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from backend.database.tables.columns import document, moment


class TakenAction(SQLModel, table=True):
    """The one action taken on an offer of a case, kept as long as the case. A key belongs to one action of a case."""

    __tablename__ = "case_actions"
    __table_args__ = (UniqueConstraint("case_id", "key", name="one_case_action_a_key"),)
    tenant_id: str = Field(foreign_key="tenants.id")
    case_id: UUID = Field(primary_key=True, foreign_key="cases.id")
    offer: int = Field(primary_key=True)
    key: str
    action: str
    input: dict[str, Any] = document()
    version: int
    person_id: str = Field(foreign_key="people.id")
    at: datetime = moment()
