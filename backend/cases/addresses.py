"""Where links in mails lead. The relay has no routes to ask; a test holds these against those that the web has."""

from uuid import UUID

NOTIFICATIONS = "/notifications"
PREFERENCES = "/notifications/preferences"


def case_page(reference: str) -> str:
    """How far a case is."""
    return f"/cases/{reference}"


def approval_page(approval_id: UUID) -> str:
    """One screen to decide, or the outcome."""
    return f"/approvals/{approval_id}"
