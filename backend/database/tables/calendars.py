"""When a tenant works: hours by weekday, and holidays."""

from datetime import date, time

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel


class WorkingHours(SQLModel, table=True):
    """From when until when people work on one weekday, Monday being 0; a day with a break has two rows."""

    __tablename__ = "working_hours"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="a_day_of_the_week"),
        CheckConstraint("closes > opens", name="closes_after_it_opens"),
    )
    tenant_id: str = Field(primary_key=True, foreign_key="tenants.id")
    weekday: int = Field(primary_key=True)
    opens: time = Field(primary_key=True)
    closes: time


class Holiday(SQLModel, table=True):
    """A day on which nobody works."""

    __tablename__ = "holidays"
    tenant_id: str = Field(primary_key=True, foreign_key="tenants.id")
    day: date = Field(primary_key=True)
    name: str
