"""Keys of effects, ids of workflows, amounts, and times as people say them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from pydantic import BaseModel

from backend.kit.child import ChildCase
from backend.kit.i18n import NN_
from backend.kit.money import MOST, Money, fits_an_amount
from backend.kit.naming import activity_queue, case_workflow_id, child_id, workflow_id, workflow_queue
from backend.kit.times import dated, day, day_time

VIENNA = "Europe/Vienna"
NOON = datetime(2026, 9, 22, 10, tzinfo=UTC)  # 12:00 in Vienna


class Parcel(BaseModel):
    """The input of a child."""


@pytest.mark.parametrize(("attempt", "key"), [(1, "ORD-000001:ship"), (2, "ORD-000001:ship-2")])
def test_an_effect_has_another_key_only_when_people_retry(attempt: int, key: str) -> None:
    child = ChildCase[Parcel](
        tenant="default",
        case_id=UUID(int=1),
        reference="ORD-000001",
        key="shipping",
        label="Shipping",
        attempt=attempt,
        input=Parcel(),
    )
    assert child.effect_key("ship") == key


def test_a_child_at_any_depth_leads_to_the_workflow_of_its_case() -> None:
    own = workflow_id("default", "order", "ORD-1")
    assert own == "default.order.ORD-1"
    assert case_workflow_id(own) == case_workflow_id(child_id(child_id(own, "shipping"), "label")) == own
    assert (workflow_queue("sales"), activity_queue("sales")) == ("sales-workflow", "sales-activity")


def test_a_total_is_below_ten_billion() -> None:
    fits_an_amount(MOST)
    with pytest.raises(ValueError, match="below 10 billion"):
        fits_an_amount(MOST + Decimal("0.01"))
    assert str(Money(amount=Decimal("1234.5"), currency="EUR")) == "EUR 1,234.50"


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (NOON, "today 12:00"),
        (NOON + timedelta(hours=12), "tomorrow 00:00"),
        (NOON - timedelta(hours=13), "yesterday 23:00"),
        (NOON + timedelta(days=2), "Thu 24 Sep 12:00"),
        (NOON + timedelta(days=101), "Fri 1 Jan 2027 11:00"),
    ],
)
def test_a_moment_is_said_from_today(moment: datetime, text: str) -> None:
    assert day_time(moment, VIENNA, NOON) == text


def test_a_day_has_its_year_only_if_it_is_another() -> None:
    assert day(date(2026, 9, 2), date(2026, 1, 1)) == "Wed 2 Sep"
    assert day(date(2026, 9, 2), date(2027, 1, 1)) == "Wed 2 Sep 2026"
    this_year = datetime.now(UTC).year
    assert day(date(this_year, 6, 1)).endswith(" 1 Jun")
    assert dated(datetime(2001, 12, 31, 23, 30, tzinfo=UTC), VIENNA) == "Tue 1 Jan 2002 00:30"


@pytest.mark.parametrize(("count", "text"), [(0, "many"), (1, "one"), (2, "many")])
def test_english_has_one_form_for_one(count: int, text: str) -> None:
    assert NN_("one", "many", count) == text
