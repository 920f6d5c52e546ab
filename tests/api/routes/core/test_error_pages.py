"""Error pages keep the menu and say what to do next."""

from uuid import UUID

import httpx2
import pytest

from tests.support.html import page_of, said_in
from tests.support.web import Visitor


def has_menu(answer: httpx2.Response) -> bool:
    page = page_of(answer)
    return page.has('[aria-label="Main"]') and "Sign out" in page.text


async def test_a_mistyped_address_keeps_the_menu_of_who_is_signed_in(browser_of: Visitor) -> None:
    ann = await browser_of("ann")
    answer = await ann.get("/nowhere")
    assert answer.status_code == 404
    assert has_menu(answer)
    assert "Check the address" in said_in(answer)


@pytest.mark.parametrize("where", ["/approvals/none", f"/approvals/{UUID(int=1)}/nothing", "/deliveries/none"])
async def test_an_address_that_names_nothing_is_nothing_and_no_form_to_mend(browser_of: Visitor, where: str) -> None:
    root = await browser_of("root")
    answer = await root.get(where)
    assert answer.status_code == 404
    assert has_menu(answer)
    assert "Check the address" in said_in(answer)


@pytest.mark.parametrize(
    ("where", "page"),
    [
        (f"/approvals/{UUID(int=1)}/decision", f"/approvals/{UUID(int=1)}"),
        ("/deliveries/links", "/deliveries"),
        ("/cases/PUR-000001/comments", "/cases/PUR-000001"),
        ("/logout", "/"),
    ],
)
async def test_an_address_that_only_takes_a_form_leads_to_the_page_above_it(
    browser_of: Visitor, where: str, page: str
) -> None:
    root = await browser_of("root")
    answer = await root.get(where)
    assert (answer.status_code, answer.headers["location"]) == (303, page)


async def test_a_stranger_sees_the_same_page_without_a_menu(browser_of: Visitor) -> None:
    stranger = await browser_of("")
    answer = await stranger.get("/nowhere")
    assert answer.status_code == 404
    assert not has_menu(answer)


async def test_a_method_that_a_page_does_not_support_is_refused(browser_of: Visitor) -> None:
    ann = await browser_of("ann")
    answer = await ann.delete("/cases")
    assert answer.status_code == 405
    assert has_menu(answer)
