"""Differences use the words of the form."""

from backend.cases.core.differences import differences
from backend.workflows.purchase import PurchaseApproval
from tests.support.purchases import purchase

# As the database gives it back: the names of a row ordered by their length.
ROW = {"quantity": 1, "unit_price": "10.00", "description": "Lamp"}


def test_a_row_is_called_by_its_first_words_whatever_order_the_database_keeps() -> None:
    before, after = purchase(items=[ROW]), purchase(items=[ROW | {"quantity": 2, "unit_price": "9.00"}])
    found = {each.label: (each.before, each.after) for each in differences(PurchaseApproval, before, after)}
    assert found == {"Lamp, quantity": ("1", "2"), "Lamp, unit price": ("10.00", "9.00")}


def test_a_row_that_is_new_is_said_in_the_order_of_the_form() -> None:
    [found] = differences(PurchaseApproval, purchase(items=[ROW]), purchase(items=[ROW, ROW | {"description": "Mat"}]))
    assert (found.label, found.before, found.after) == ("Mat, line 2", "none", "Mat · 1 · 10.00")
