"""The audit trail and its proof."""

from typing import Any

from pydantic import BaseModel

from backend.api.routes.core.schema_types import Moment


class AuditOut(BaseModel):
    """One row of the audit trail."""

    seq: int
    at: Moment
    action: str
    actor: str
    name: str
    subject: str
    facts: dict[str, Any]
    hash: str


class AuditPage(BaseModel):
    """Some rows of the audit trail."""

    items: list[AuditOut]
    next: str | None


class AuditProof(BaseModel):
    """What verification found: how many rows hold, the last one's hash, and the first row that does not hold."""

    ok: bool
    tenant: str
    rows: int
    head: str
    broken_at: int | None
    reason: str
