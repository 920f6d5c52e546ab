"""The confirmation of an order, sent by a real mail server."""

from decimal import Decimal

from backend.database.engine import Database
from backend.kit.money import Money
from backend.services.confirmations import Confirmation, NotedConfirmations
from backend.services.email import SmtpSender
from backend.services.inventory import StockLine
from tests.support.smtp import Inbox, serving

CONFIRMATION = Confirmation(
    tenant="default",
    key="ORD-000001:confirmation",
    order_id="A-1001",
    name="Cem Kaya",
    email="cem.kaya@example.com",
    total=Money(amount=Decimal(120), currency="EUR"),
    tracking_number="CS0000000001",
    lines=[StockLine(sku="LAMP-01", quantity=2)],
)


async def test_a_customer_reads_the_confirmation_once_in_whatever_their_program_shows(database: Database) -> None:
    inbox = Inbox()
    with serving(inbox) as url:
        confirmations = NotedConfirmations(database, SmtpSender(url, "Countersign <countersign@desk.test>"))
        for _ in range(2):
            await confirmations.send(CONFIRMATION)
    (mail,) = inbox.mails
    assert mail["To"] == "Cem Kaya <cem.kaya@example.com>"
    # Programs show the last part that they can.
    parts = [part.get_content() for part in mail.walk() if not part.is_multipart()]
    assert parts
    assert all("2 × LAMP-01" in part and "CS0000000001" in part for part in parts)
