"""An email to one person, and the port that sends it."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True)
class Email:
    """One email, ready to send, in text and mostly in HTML. Every attempt to send it has the same message id."""

    tenant: str
    delivery_id: UUID
    message_id: str
    name: str
    address: str
    subject: str
    text: str
    html: str = ""


class EmailRefused(Exception):
    """This email will never be accepted: an unknown address, or refused content."""


class EmailDelayed(Exception):
    """Not now: the mail server is unavailable, busy, or asks for a retry."""


class EmailSender(Protocol):
    """Sends emails. Raises EmailRefused for what can never work and EmailDelayed for a retry."""

    async def send(self, email: Email) -> str:
        """Hand it over; returns the answer of the mail server."""
        ...
