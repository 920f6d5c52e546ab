"""Everyone who can see the case can see what each version of its form changed."""

import httpx2

from backend.database.engine import Database
from backend.kit.approval import DecisionKind
from tests.support.approvals import answered, asked_about
from tests.support.html import said_in
from tests.support.purchases import purchase
from tests.support.web import Visitor


async def sent_again(ann: httpx2.AsyncClient, reference: str) -> None:
    changed = purchase("80.00") | {"vendor": "Halden Regalbau"}
    answer = await ann.patch(f"/api/v1/cases/{reference}/input", json={"version": 1, "input": changed})
    assert answer.status_code == 200, answer.text


async def test_the_versions_of_a_case_tell_what_changed_and_by_whom(
    database: Database, program_of: Visitor, browser_of: Visitor
) -> None:
    case, asked = await asked_about(database, purchase("120.00"))
    await answered(database, asked, "finn", DecisionKind.SEND_BACK)
    await sent_again(await program_of("ann"), case.reference)
    ann = await browser_of("ann")
    assert "Compare 2 versions" in said_in(await ann.get(f"/cases/{case.reference}"))
    page = await ann.get(f"/cases/{case.reference}/versions")
    assert page.status_code == 200
    for words in ("Halden Regalbau", "120.00", "80.00", "Ann Berger", "First submission"):
        assert words in said_in(page), words
    assert (await (await browser_of("eve")).get(f"/cases/{case.reference}/versions")).status_code == 404
