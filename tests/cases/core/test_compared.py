"""Versions are compared in the words of people: names of files, totals, and times where the reader is."""

from typing import Any
from uuid import uuid4

from backend.cases.core.actor import Actor
from backend.cases.core.compared import compared, file_names
from backend.database.engine import Database
from backend.database.ids import new_id
from backend.database.tables import File
from backend.i18n.language import Language, speaking
from backend.i18n.sentences import value_shown
from backend.workflows.purchase import PurchaseApproval
from tests.support.cast import person
from tests.support.purchases import purchase


async def a_file(database: Database, name: str, by: Actor) -> str:
    """A file that was uploaded under this name; its id."""
    about = {"media_type": "application/pdf", "size": 1, "sha256": "", "uploaded_by": by.person_id}
    row = File(id=new_id(), tenant_id=by.tenant, name=name, **about)
    key = str(row.id)
    async with database.transaction(by.tenant) as session:
        session.add(row)
    return key


Changes = dict[str, tuple[str, str]]


async def changes(database: Database, before: dict[str, Any], after: dict[str, Any]) -> Changes:
    """What differs, by label."""
    async with database.transaction("default") as session:
        names = await file_names(session, PurchaseApproval, before, after)
    found = compared(PurchaseApproval, before, after, names)
    return {each.label: (each.before, each.after) for each in found}


async def test_files_are_shown_by_their_names(database: Database) -> None:
    ann = await person(database, "ann")
    offer, plan, other = [await a_file(database, name, ann) for name in ("Offer.pdf", "Plan.pdf", "Offer.pdf")]
    before, after = purchase(attachments=[offer]), purchase(attachments=[offer, plan])
    assert await changes(database, before, after) == {"Attachments": ("Offer.pdf", "Offer.pdf, Plan.pdf")}
    exchanged = await changes(database, before, purchase(attachments=[other]))
    assert exchanged == {"Attachments": ("Offer.pdf", "Offer.pdf (2)")}
    gone = await changes(database, purchase(attachments=[str(uuid4())]), purchase())
    assert gone == {"Attachments": ("deleted file", "none")}


async def test_the_total_is_compared_if_it_differs(database: Database) -> None:
    found = await changes(database, purchase("480.00"), purchase("1234.50"))
    assert found["Total"] == ("EUR 480.00", "EUR 1,234.50")
    assert "Total" not in await changes(database, purchase(), purchase(title="Tables"))


def test_a_reader_sees_values_as_their_language_and_clock_write_them() -> None:
    written = {
        "Fri 27 Nov 2099 15:00 UTC": ("Fri 27 Nov 2099 16:00", "Fr., 27. Nov. 2099 16:00"),
        "EUR 1,234.50": ("EUR 1,234.50", "1.234,50 EUR"),
        "1,234.50": ("1,234.50", "1.234,50"),
        "none": ("none", "–"),
        "Offer.pdf": ("Offer.pdf", "Offer.pdf"),
    }
    for value, (english, german) in written.items():
        assert value_shown(value, "Europe/Vienna") == english
        with speaking(Language.GERMAN):
            assert value_shown(value, "Europe/Vienna") == german
