"""What people were told, and what became of their mails."""

from pydantic import BaseModel

from backend.api.routes.core.schema_types import Moment


class NotificationOut(BaseModel):
    """One thing that you were told; `state` is how its approval stands by now."""

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
    """Some of what you were told, and how much of all is unread."""

    items: list[NotificationOut]
    next: str | None
    unread: int


class DeliveryOut(BaseModel):
    """One mail: to whom, about which case, and how it stands."""

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


class DeliveryPage(BaseModel):
    """Some mails."""

    items: list[DeliveryOut]
    next: str | None
