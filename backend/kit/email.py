"""A mail to one person, and the port through which it leaves."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True)
class Email:
    """One mail, ready to go, in text and mostly in HTML. The id is the same however often the same mail is tried."""

    tenant: str
    delivery_id: UUID
    message_id: str
    name: str
    address: str
    subject: str
    text: str
    html: str = ""


class EmailRefused(Exception):
    """This mail will never be taken as it stands: an unknown address, a refused content."""


class EmailDelayed(Exception):
    """Not now: the mail server is away, busy, or wants us to come again."""


class EmailSender(Protocol):
    """Where mails go. Raises MailRefused for what can never work and MailDelayed for another try."""

    async def send(self, letter: Email) -> str:
        """Hand it over for good; what the other side said."""
        ...
