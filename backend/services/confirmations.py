"""Confirmations to customers: an email to somebody without an account here, once per key."""

from typing import Protocol
from uuid import NAMESPACE_URL, uuid5

from pydantic import BaseModel

from backend.database.engine import Database
from backend.kit.addresses import unlinked
from backend.kit.email import Email, EmailRefused, EmailSender
from backend.kit.i18n import N_
from backend.kit.money import Money
from backend.kit.text import single_line
from backend.services import effects
from backend.services.inventory import StockLine
from backend.services.keyed import Keyed, Refused


class Confirmation(Keyed):
    """Which customer and order, what was charged, and how to track the parcel."""

    order_id: str
    name: str
    email: str
    total: Money
    tracking_number: str
    lines: list[StockLine]


class Sent(BaseModel):
    """The email as the customer reads it."""

    subject: str
    text: str


class Confirmations(Protocol):
    """Notifies customers, each once per key."""

    async def send(self, confirmation: Confirmation) -> None:
        """Send the email; Refused if the address is invalid."""
        ...


class NotedConfirmations:
    """Notes every email under its key, and hands it to the mail server if there is one."""

    def __init__(self, database: Database, mail: EmailSender | None) -> None:
        self._database = database
        self._mail = mail

    async def send(self, confirmation: Confirmation) -> None:
        """Send once. If the note is lost after the email was sent, it is sent again with the same message id."""
        sent = compose(confirmation)
        if self._mail is None:
            await effects.once(self._database, "confirmation", confirmation, sent)
            return
        async with self._database.transaction(confirmation.tenant) as session:
            if await effects.first_time(session, "confirmation", confirmation, sent):
                await _send_email(self._mail, confirmation, sent)


async def _send_email(mail: EmailSender, confirmation: Confirmation, sent: Sent) -> None:
    number = uuid5(NAMESPACE_URL, f"{confirmation.tenant}:{confirmation.key}")
    email = Email(
        tenant=confirmation.tenant,
        delivery_id=number,
        message_id=f"<{number}@countersign>",
        name=confirmation.name,
        address=confirmation.email,
        subject=sent.subject,
        text=sent.text,
    )
    try:
        await mail.send(email)
    except EmailRefused as refused:
        sentence = N_("The customer's address does not accept email: {cause}")
        raise Refused(sentence.format(cause=refused)) from refused


def compose(confirmation: Confirmation) -> Sent:
    """What the customer reads."""
    lines = "\n".join(f"  {line.quantity} × {unlinked(line.sku)}" for line in confirmation.lines)
    name, number = unlinked(single_line(confirmation.name)), unlinked(confirmation.order_id)
    return Sent(
        subject=f"Your order {number} is on its way",
        text=(
            f"Hello {name},\n\nyour order {number} is on its way:\n\n{lines}\n\n"
            f"We charged {confirmation.total}. The tracking number is {confirmation.tracking_number}.\n"
        ),
    )
