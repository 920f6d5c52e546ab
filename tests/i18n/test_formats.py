"""Values formatted in English and in German."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from backend.i18n import formats
from backend.i18n.language import Language, speaking

NOW = datetime(2026, 9, 22, 8, 31, tzinfo=UTC)
ZONE = "Europe/Vienna"
BOTH = (Language.ENGLISH, Language.GERMAN)


@pytest.mark.parametrize(
    ("written", "english", "german"),
    [
        (lambda: formats.day_time(NOW, ZONE, NOW), "today 10:31", "heute 10:31"),
        (lambda: formats.day_time(NOW, ZONE, NOW - timedelta(days=1)), "tomorrow 10:31", "morgen 10:31"),
        (lambda: formats.day_time(NOW, ZONE, NOW + timedelta(days=1)), "yesterday 10:31", "gestern 10:31"),
        (lambda: formats.near_day(NOW.date(), NOW.date() + timedelta(days=1)), "yesterday", "gestern"),
        (lambda: formats.day_time(NOW, ZONE, NOW + timedelta(days=9)), "Tue 22 Sep 10:31", "Di., 22. Sept. 10:31"),
        (lambda: formats.day(NOW.date(), date(2026, 1, 1)), "Tue 22 Sep", "Di., 22. Sept."),
        (lambda: formats.day(NOW.date(), date(2025, 1, 1)), "Tue 22 Sep 2026", "Di., 22. Sept. 2026"),
        (lambda: formats.money(Decimal(4860), "EUR"), "EUR 4,860.00", "4.860,00 EUR"),
        (lambda: formats.money(Decimal("-0.5")), "-0.50", "-0,50"),
        (lambda: formats.number(1234567), "1,234,567", "1.234.567"),
        (lambda: formats.number(Decimal("1234.125")), "1,234.125", "1.234,125"),
        (lambda: formats.duration(timedelta(days=1, hours=22, minutes=5)), "1 day 22 hours", "1 Tag 22 Stunden"),
        (lambda: formats.duration(timedelta(days=2, hours=1)), "2 days 1 hour", "2 Tage 1 Stunde"),
        (lambda: formats.duration(timedelta(minutes=4)), "4 min", "4 Min."),
        (lambda: formats.duration(timedelta()), "0 s", "0 s"),
        (lambda: formats.brief(timedelta(seconds=12.34)), "12.3 s", "12,3 s"),
        (lambda: formats.filesize(182 * 1024), "182 KB", "182 KB"),
        (lambda: formats.filesize(1536 * 1024), "1.5 MB", "1,5 MB"),
        (lambda: formats.listed(["A", "B", "C"]), "A, B or C", "A, B oder C"),
        (lambda: formats.listed(["A", "B"], "and"), "A and B", "A und B"),
        (lambda: formats.listed([]), "", ""),
    ],
)
def test_values_read_as_people_write_them(written: Callable[[], str], english: str, german: str) -> None:
    found = []
    for language in BOTH:
        with speaking(language):
            found.append(written())
    assert found == [english, german]
