"""The pages of reference data: lists, entries, import and export."""

import httpx2
import pytest

from backend.cases.reference_data.lists import LISTS
from tests.support.html import page_of, said_in
from tests.support.web import Visitor

LIST = "/reference-data/cost-centres"
CENTRE = {"cost_centre": "4200", "name": "Logistics", "amount": "50000.00", "currency": "EUR", "typed_in": "en"}
CSV = "cost_centre,name,amount\n4200,Logistics,50000.00\n3100,Workshop,30000\n"


async def imported(client: httpx2.AsyncClient, text: str) -> httpx2.Response:
    """The answer to a text that was pasted."""
    return await client.post(f"{LIST}/import", data={"text": text})


async def test_a_cost_centre_is_added_changed_and_removed(ida: httpx2.AsyncClient) -> None:
    assert page_of(await ida.get("/people")).has('a[href$="/reference-data"]')
    assert (await ida.get("/reference-data")).headers["location"].endswith(LIST)
    assert (await ida.post(f"{LIST}/entry", data=CENTRE)).status_code == 303
    entry = page_of(await ida.get(f"{LIST}/entry?key=4200"))
    assert "/audit?subject=cost-centres%2F4200" in entry.links
    fields = entry.one('main form:has([name="amount"])').fields
    changed = await ida.post(f"{LIST}/entry?key=4200", data={**fields, "amount": "60000.00"})
    assert changed.status_code == 303
    assert "60,000.00" in said_in(await ida.get(LIST))
    late = await ida.post(f"{LIST}/entry?key=4200", data={**fields, "amount": "1.00"})
    assert (late.status_code, "Somebody else changed this entry" in said_in(late)) == (409, True)
    assert (await ida.post(f"{LIST}/remove?key=4200")).status_code == 303
    assert "Nothing here yet" in said_in(await ida.get(LIST))


async def test_problems_are_at_their_fields(ida: httpx2.AsyncClient) -> None:
    refused = await ida.post(f"{LIST}/entry", data={**CENTRE, "amount": "much", "name": ""})
    page = page_of(refused)
    assert refused.status_code == 422
    assert all(page.one(f"#f-{field}").carries("aria-invalid") for field in ("amount", "name"))
    assert page.one("#f-cost_centre")["value"] == "4200"
    assert (await ida.get(f"{LIST}/entry?key=1")).status_code == 404
    assert (await ida.get("/reference-data/nothing")).status_code == 404


async def test_a_file_is_imported_and_exported_in_the_same_form(ida: httpx2.AsyncClient) -> None:
    assert (await imported(ida, CSV)).status_code == 303
    exported = (await ida.get(f"{LIST}/export")).text
    assert "4200,Logistics,50000.00,EUR" in exported
    sent = await ida.post(f"{LIST}/import", files={"file": ("centres.csv", exported.encode(), "text/csv")})
    assert sent.status_code == 303
    assert "0 added, 0 changed, 2 unchanged." in said_in(await ida.get(LIST))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "The file is empty."),
        ("cost_centre,name\n1,A\n", "The column amount is missing."),
        ("cost_centre,name,amount,colour\n1,A,1,red\n", "There is no column “colour”."),
        ("cost_centre,name,amount\n", "The file has no lines below its heading."),
        ("cost_centre,name,amount\n1,A,1\n2,B,many\n", "Line 3, Budget:"),
        ("cost_centre,name,amount\n1,A,50,000.00\n", "Line 2: This line has more cells than columns."),
        ('cost_centre,name,amount\n1,"A\nB",1\n2,B,many\n', "Line 4, Budget:"),
        ("cost_centre,name,amount\n1,A,1\n1,B,2\n", "This is in line 2 already."),
        ('cost_centre,name,amount\n1,"A,1\n', "This is not a CSV file in UTF-8."),
        ("cost_centre,name,amount\n" + "1,A,1\n" * 2001, "A file can have up to 2,000 lines."),
    ],
)
async def test_one_wrong_line_and_nothing_is_imported(ida: httpx2.AsyncClient, text: str, said: str) -> None:
    refused = await imported(ida, text)
    assert (refused.status_code, said in said_in(refused)) == (422, True), said_in(refused)
    assert page_of(refused).one("#text").text.split() == text.split()
    assert "Nothing here yet" in said_in(await ida.get(LIST))


async def test_a_key_that_looks_like_a_formula_survives_a_round_trip(ida: httpx2.AsyncClient) -> None:
    for key in ("-1", "=A1", "4;=2"):
        assert (await ida.post(f"{LIST}/entry", data={**CENTRE, "cost_centre": key})).status_code == 303
    exported = (await ida.get(f"{LIST}/export")).text
    assert "'-1" in exported
    assert (await imported(ida, exported)).status_code == 303
    assert "0 added, 0 changed, 3 unchanged." in said_in(await ida.get(LIST))


async def test_the_history_of_an_entry_with_a_long_name_opens(ida: httpx2.AsyncClient) -> None:
    ratings, name = "/reference-data/credit-ratings", "ß" * 60 + "x" * 60
    rating = {"customer": name, "score": "50", "credit": "100.00", "currency": "EUR", "typed_in": "en"}
    assert (await ida.post(f"{ratings}/entry", data=rating)).status_code == 303
    (entry,) = [link for link in page_of(await ida.get(ratings)).links if "/entry?key=" in link]
    (history,) = [link for link in page_of(await ida.get(entry)).links if "/audit?subject=" in link]
    assert "reference_data.change" in said_in(await ida.get(history))


async def test_a_file_in_another_encoding_is_refused(ida: httpx2.AsyncClient) -> None:
    sent = await ida.post(f"{LIST}/import", files={"file": ("centres.csv", b"\xff\xfe", "text/csv")})
    assert (sent.status_code, "not a CSV file" in said_in(sent)) == (422, True)


async def test_a_spreadsheet_is_pasted_with_its_own_words(ida: httpx2.AsyncClient) -> None:
    assert (await imported(ida, "Number\tName\tBudget\n4200\tLogistics\t1000\n")).status_code == 303
    assert "1,000.00" in said_in(await ida.get(LIST))


@pytest.mark.parametrize("name", LISTS)
async def test_every_list_has_its_pages(ida: httpx2.AsyncClient, name: str) -> None:
    for page in ("", "/entry", "/import", "/export"):
        assert (await ida.get(f"/reference-data/{name}{page}")).status_code == 200, page


async def test_only_administrators_see_it(browser_of: Visitor) -> None:
    finn = await browser_of("finn")
    assert (await finn.get(LIST)).status_code == 404
    assert (await finn.post(f"{LIST}/entry", data=CENTRE)).status_code == 404
    assert (await imported(finn, CSV)).status_code == 404
