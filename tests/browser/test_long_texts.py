"""Long words without a break never make a page scroll sideways, even on a narrow screen."""

import pytest

from tests.browser.desk import Desk
from tests.browser.looking import SignIn
from tests.support.purchases import purchase

UNBROKEN = "https://example.com/" + "a" * 90


@pytest.mark.parametrize("width", [320, 1000, 1280])
def test_no_page_is_wider_than_its_window_for_a_word_that_does_not_break(
    sign_in: SignIn, desk: Desk, width: int
) -> None:
    words = {"title": UNBROKEN, "vendor": UNBROKEN, "justification": UNBROKEN * 9}
    items = [{"description": UNBROKEN, "quantity": 999, "unit_price": "0.99"}]
    reference = desk.open("purchase_approval", purchase(**words, items=items))
    approval = desk.waiting(reference)
    asked = desk.program("mona").post(f"/approvals/{approval['id']}/ask", json={"text": UNBROKEN * 9})
    assert asked.status_code == 200
    case, decision = f"/cases/{reference}", f"/approvals/{approval['id']}"
    paths = {
        "ann": ["/", "/cases", case, f"{case}/versions", f"{case}/recall", "/notifications"],
        "mona": ["/", "/approvals", decision, f"{decision}/ask", f"{decision}/delegate", "/people/me/substitutes"],
        "root": ["/executions", "/deliveries", "/people", "/groups", "/reference-data/stock"],
    }
    for name, of_theirs in paths.items():
        page = sign_in(name, viewport={"width": width, "height": 800})
        for path in of_theirs:
            page.goto(path)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{path} of {name}"
