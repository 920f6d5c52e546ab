"""What people were told, and what became of their mails."""

from pydantic import BaseModel

from backend.api.routes.core.schema_types import Moment


class NotificationOut(BaseModel):
    """A notification; `state` is the current state of its approval."""

    id: str
    event: str
    headline: str
    note: str
    reference: str
    state: str
    leads_to: str
    at: Moment
    read_at: Moment | None


class NotificationPage(BaseModel):
    """One page of notifications, and the number of all unread ones."""

    items: list[NotificationOut]
    next: str | None
    unread: int


class DeliveryOut(BaseModel):
    """An email: its recipient, its case and its delivery status."""

    id: str
    event: str
    headline: str
    to: str
    address: str
    reference: str
    state: str
    attempts: int
    reason: str
    provider_id: str
    due_at: Moment
    created_at: Moment
    sent_at: Moment | None
    unconfirmed: int


class DeliveryPage(BaseModel):
    """One page of emails."""

    items: list[DeliveryOut]
    next: str | None
