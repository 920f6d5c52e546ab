"""Confirmations to customers: a mail to somebody who has no account here, once a key."""

from typing import Protocol
from uuid import NAMESPACE_URL, uuid5

from pydantic import BaseModel

from backend.database.engine import Database
from backend.kit.email import Email, EmailRefused, EmailSender
from backend.kit.money import Money
from backend.services import effects
from backend.services.inventory import StockLine
from backend.services.keyed import Keyed, Refused


class Confirmation(Keyed):
    """Who is told of which order, what was charged, and how the parcel is found."""

    order_id: str
    name: str
    email: str
    total: Money
    tracking_number: str
    lines: list[StockLine]


class Sent(BaseModel):
    """The mail as the customer reads it."""

    subject: str
    text: str


class Confirmations(Protocol):
    """Tells customers, each once a key."""

    async def send(self, confirmation: Confirmation) -> None:
        """Send the mail; Refused if the address is none."""
        ...


class NotedConfirmations:
    """Notes every mail under its key, and hands it to the mail server if there is one."""

    def __init__(self, database: Database, mail: EmailSender | None) -> None:
        self._database = database
        self._mail = mail

    async def send(self, confirmation: Confirmation) -> None:
        """Send once. Should the note be lost after the mail has left, it leaves again with the same message id."""
        sent = compose(confirmation)
        if self._mail is None:
            await effects.once(self._database, "confirmation", confirmation, sent)
            return
        async with self._database.transaction(confirmation.tenant) as session:
            if await effects.first_time(session, "confirmation", confirmation, sent):
                await _hand_over(self._mail, confirmation, sent)


async def _hand_over(mail: EmailSender, confirmation: Confirmation, sent: Sent) -> None:
    number = uuid5(NAMESPACE_URL, f"{confirmation.tenant}:{confirmation.key}")
    letter = Email(
        tenant=confirmation.tenant,
        delivery_id=number,
        message_id=f"<{number}@countersign>",
        name=confirmation.name,
        address=confirmation.email,
        subject=sent.subject,
        text=sent.text,
    )
    try:
        await mail.send(letter)
    except EmailRefused as refused:
        raise Refused("The customer's address takes no mail.") from refused


def compose(confirmation: Confirmation) -> Sent:
    """What the customer reads."""
    lines = "\n".join(f"  {line.quantity} × {line.sku}" for line in confirmation.lines)
    return Sent(
        subject=f"Your order {confirmation.order_id} is on its way",
        text=(
            f"Hello {confirmation.name},\n\nyour order {confirmation.order_id} is on its way:\n\n{lines}\n\n"
            f"We charged {confirmation.total}. The tracking number is {confirmation.tracking_number}.\n"
        ),
    )
