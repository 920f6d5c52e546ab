"""Kinds of columns that many tables have."""

from typing import Any

from sqlalchemy import Column, DateTime, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field


def moment(*, nullable: bool = False, index: bool = False) -> Any:
    """A column with a point in time, in UTC; now() unless it may be empty."""
    default = None if nullable else text("clock_timestamp()")
    column = Column(DateTime(timezone=True), nullable=nullable, server_default=default, index=index)
    return Field(default=None, sa_column=column)


def document(*, nullable: bool = False) -> Any:
    """A column with a JSON document."""
    return Field(default=None, sa_column=Column(JSONB, nullable=nullable))
