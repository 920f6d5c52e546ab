"""The audit trail and its proof."""

from typing import Any

from pydantic import BaseModel

from backend.api.routes.core.schema_types import Moment


class AuditOut(BaseModel):
    """One entry of the audit log."""

    seq: int
    at: Moment
    action: str
    actor: str
    name: str
    subject: str
    facts: dict[str, Any]
    hash: str


class AuditPage(BaseModel):
    """One page of the audit log."""

    items: list[AuditOut]
    next: str | None


class AuditProof(BaseModel):
    """The result of a verification: number of valid entries, last hash, and the first invalid entry."""

    ok: bool
    tenant: str
    rows: int
    head: str
    broken_at: int | None
    reason: str
    anchored: int
