"""What one request may cost: counted in work, not in time, for the largest and the strangest that is accepted."""

from typing import Any

import pytest

from backend.api.routes.core.forms.decoder import MOST_ROWS, MOST_UNKNOWN, decode
from backend.api.routes.core.forms.view import MOST_DRAWN, form_view
from backend.cases.core import text_differences
from backend.cases.core.differences import differences
from backend.cases.core.edit_script import Budget
from backend.cases.core.text_differences import MOST_COMPARISONS
from backend.kit.fields import FormContext
from backend.workflows.article_publication_workflow import ArticlePublication
from backend.workflows.purchase import PurchaseApproval
from tests.api.routes.core.forms.test_forms import START, filled, my_cases
from tests.support.articles import article
from tests.support.html import page_of, said_in
from tests.support.purchases import purchase
from tests.support.web import Visitor

LINES = "\n".join("a b c d"[n % 7 :] + str(n) for n in range(1000))
OTHER_LINES = "\n".join("d c b a"[n % 5 :] + str(-n) for n in range(1000))


class Counting(Budget):
    """A budget that knows how often it was asked after its end."""

    refused = 0

    def spend(self, comparisons: int) -> bool:
        enough = super().spend(comparisons)
        self.refused += not enough
        return enough


def test_all_long_texts_of_a_page_share_one_budget() -> None:
    line = {"description": LINES, "quantity": 1, "unit_price": "1.00"}
    before = purchase(items=[line] * MOST_ROWS, justification=LINES)
    after = purchase(items=[line | {"description": OTHER_LINES}] * MOST_ROWS, justification=OTHER_LINES)
    budget = Counting(MOST_COMPARISONS)
    found = differences(PurchaseApproval, before, after, budget)
    assert len(found) == MOST_ROWS + 1
    assert budget.refused <= len(found) + 1
    assert budget.left > -MOST_COMPARISONS


def test_above_the_budget_paragraphs_are_compared_as_a_whole_and_nothing_is_lost() -> None:
    budget = Budget(0)
    (change,) = differences(ArticlePublication, article(body=LINES), article(body=OTHER_LINES), budget)
    assert change.parts == [(text_differences.GONE, LINES), (text_differences.NEW, OTHER_LINES)]


def many(count: int) -> list[tuple[str, str]]:
    return [(f"items.{row}.{name}", "x") for row in range(count) for name in ("description", "quantity", "unit_price")]


def test_a_form_with_thousands_of_lines_is_drawn_up_to_a_limit_and_says_so() -> None:
    context = FormContext(today=None, choices={})
    decoded = decode(PurchaseApproval, many(1600), context)
    assert f"at most {MOST_ROWS} lines" in decoded.errors["items"]
    view = form_view(PurchaseApproval, decoded.values, decoded.errors, {})
    assert [len(table.rows) for table in view.tables] == [MOST_DRAWN]


def test_fields_that_no_form_has_are_listed_up_to_a_limit() -> None:
    pairs = [(f"nothing{number}", "x") for number in range(4000)]
    decoded = decode(PurchaseApproval, pairs, FormContext(today=None, choices={}))
    unknown = [name for name in decoded.errors if name.startswith("nothing")]
    assert len(unknown) == MOST_UNKNOWN


async def test_more_fields_than_any_form_has_are_refused_with_a_page_that_says_so(browser_of: Visitor) -> None:
    ann = await browser_of("ann")
    many_fields: dict[str, Any] = {f"x{number}": "" for number in range(5_001)}
    answer = await ann.post(START, data=await filled(ann) | many_fields)
    assert answer.status_code == 400
    assert page_of(answer).has("main a[href]")


async def test_a_selection_of_more_rows_than_can_be_decided_at_once_says_so(browser_of: Visitor) -> None:
    finn = await browser_of("finn")
    picks = [f"00000000-0000-0000-0000-{number:012}:1" for number in range(1_100)]
    answer = await finn.post("/approvals/bulk", data={"pick": picks})
    assert answer.status_code == 422
    assert "Up to 500" in said_in(answer)


@pytest.mark.parametrize("multipart", [True, False])
@pytest.mark.parametrize("length", [4_001, 1_100_000])
async def test_a_very_long_paste_is_an_error_of_its_field_and_everything_stays(
    browser_of: Visitor, length: int, *, multipart: bool
) -> None:
    ann = await browser_of("ann")
    form = await filled(ann, title="A title to keep", justification="x" * length)
    files = {"attachments_upload": ("", b"", "application/octet-stream")} if multipart else None
    answer = await ann.post(START, data=form, files=files)
    assert answer.status_code == 422
    page = page_of(answer)
    assert page.one("[name=title]")["value"] == "A title to keep"
    assert page.one("[name=justification]").held == "x" * length
    described = page.one("[name=justification]")["aria-describedby"].split()
    assert "4,000" in " ".join(page.one(f'[id="{each}"]').text for each in described)
    assert await my_cases(ann) == []


async def test_files_that_are_too_large_together_are_each_an_error_and_everything_stays(browser_of: Visitor) -> None:
    ann = await browser_of("ann")
    large = [("attachments_upload", (f"{n}.pdf", b"%PDF-" + b"x" * 25_000, "application/pdf")) for n in range(6)]
    answer = await ann.post(START, data=await filled(ann, title="A title to keep"), files=large)
    assert answer.status_code == 422
    assert page_of(answer).one("[name=title]")["value"] == "A title to keep"
    assert ".pdf is larger than" in said_in(answer)
