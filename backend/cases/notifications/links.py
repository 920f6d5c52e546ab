"""The links of notifications. The relay knows no routes, so a test compares these with those of the web."""

from uuid import UUID

from backend.kit.notification import CASE_EVENTS

NOTIFICATIONS = "/notifications"
PREFERENCES = "/notifications/preferences"


def case_page(reference: str) -> str:
    """How far a case is."""
    return f"/cases/{reference}"


def approval_page(approval_id: UUID) -> str:
    """One screen to decide, or the outcome."""
    return f"/approvals/{approval_id}"


def answer_page(token: str) -> str:
    """The same page, for the holder of the personal link in an email."""
    return f"/answer/{token}"


def leads_to(event: str, reference: str | None, approval_id: UUID | None, *, requester: bool) -> str:
    """The page where its reader can go on: the requester on the case, others on the approval if it is about one."""
    if approval_id is not None and event not in CASE_EVENTS and not requester:
        return approval_page(approval_id)
    return case_page(reference) if reference else NOTIFICATIONS
