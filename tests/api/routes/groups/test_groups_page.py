"""The page of groups and rights."""

import httpx2

from backend.processes import PROCESSES
from tests.support.html import page_of, said_in
from tests.support.web import Visitor


async def test_groups_are_kept_on_one_page(ida: httpx2.AsyncClient) -> None:
    assert "/groups" in page_of(await ida.get("/people")).links
    assert (await ida.post("/groups", data={"key": "legal", "name": "Legal"})).status_code == 303
    assert (await ida.post("/groups/legal/rename", data={"name": "Lawyers"})).status_code == 303
    page = page_of(await ida.get("/groups"))
    assert page.one("#name-legal")["value"] == "Lawyers"
    assert page.has('[formaction$="/groups/legal/remove"]')
    assert not page.has('[formaction$="/groups/finance/remove"]')
    assert (await ida.post("/groups/legal/remove")).status_code == 303
    assert not page_of(await ida.get("/groups")).has("#name-legal")


async def test_problems_are_at_their_fields(ida: httpx2.AsyncClient) -> None:
    refused = await ida.post("/groups", data={"key": "Not a key", "name": "Legal"})
    page = page_of(refused)
    assert refused.status_code == 422
    assert page.one("#key").carries("aria-invalid")
    assert page.one("#name")["value"] == "Legal"
    assert (await ida.post("/groups/finance/rename", data={"name": ""})).status_code == 422
    used = await ida.post("/groups/finance/remove")
    assert (used.status_code, "cannot be removed" in said_in(used)) == (422, True)


async def test_the_rights_of_every_process_are_shown(ida: httpx2.AsyncClient) -> None:
    said = said_in(await ida.get("/groups"))
    assert [process.title for process in PROCESSES if process.title not in said] == []


async def test_only_administrators_see_it(browser_of: Visitor) -> None:
    finn = await browser_of("finn")
    assert (await finn.get("/groups")).status_code == 404
    assert (await finn.post("/groups", data={"key": "legal", "name": "Legal"})).status_code == 404
