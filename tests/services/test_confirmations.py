"""The confirmation of an order, sent by a real mail server."""

from decimal import Decimal

import pytest

from backend.database.engine import Database
from backend.kit.money import Money
from backend.services.confirmations import Confirmation, NotedConfirmations
from backend.services.email import SmtpSender
from backend.services.inventory import StockLine
from backend.services.keyed import Refused
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


async def test_no_name_makes_a_live_link_in_a_confirmation(database: Database) -> None:
    inbox = Inbox()
    luring = CONFIRMATION.model_copy(update={"name": "Win at http://evil.example", "order_id": "evil.example"})
    with serving(inbox) as url:
        await NotedConfirmations(database, SmtpSender(url, "Countersign <countersign@desk.test>")).send(luring)
    (mail,) = inbox.mails
    for said in (mail["Subject"], mail.get_content()):
        assert "evil[.]example" in said
        assert "evil.example" not in said
        assert "http:" not in said


async def test_an_address_that_no_server_takes_is_refused_with_its_reason(database: Database) -> None:
    wrong = CONFIRMATION.model_copy(update={"email": "cém@example.com"})
    with serving(Inbox()) as url, pytest.raises(Refused, match="The part before the @"):
        await NotedConfirmations(database, SmtpSender(url, "Countersign <countersign@desk.test>")).send(wrong)
