"""Tenants, people, groups, sessions and tokens."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKeyConstraint, false
from sqlmodel import Field, SQLModel

from backend.database.tables.columns import document, moment


class Tenant(SQLModel, table=True):
    """A customer or department, separate from all others. `language` is that of emails to people who chose none."""

    __tablename__ = "tenants"
    id: str = Field(primary_key=True, max_length=40)
    name: str
    time_zone: str = "Europe/Vienna"
    decision_links: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    language: str = Field(default="en", max_length=12, sa_column_kwargs={"server_default": "en"})
    demo: bool = Field(default=False, sa_column_kwargs={"server_default": false()})


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
    language: str | None = Field(default=None, max_length=12)
    last_sign_in_at: datetime | None = moment(nullable=True)


class Group(SQLModel, table=True):
    """People who share approvals or rights."""

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


class SignInAttempts(SQLModel, table=True):
    """Attempts to sign in that failed, by the hash of where they came from."""

    __tablename__ = "sign_in_attempts"
    key: str = Field(primary_key=True, max_length=64)
    failures: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
    since: datetime = moment()
    last_at: datetime = moment(index=True)


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
