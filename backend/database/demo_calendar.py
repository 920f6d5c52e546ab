"""When the demo works: Monday to Thursday nine to five, Friday until three, and Austria's holidays."""

from collections.abc import Iterator
from datetime import date, time

from sqlmodel import SQLModel

from backend.database.tables import Holiday, WorkingHours

HOURS = tuple((day, time(9), time(15) if day == 4 else time(17)) for day in range(5))  # noqa: PLR2004 - 4 is Friday
HOLIDAYS = (
    ("2026-12-08", "Immaculate Conception"),
    ("2026-12-25", "Christmas Day"),
    ("2027-01-01", "New Year's Day"),
    ("2027-01-06", "Epiphany"),
    ("2027-03-29", "Easter Monday"),
    ("2027-05-06", "Ascension Day"),
    ("2027-05-17", "Whit Monday"),
    ("2027-05-27", "Corpus Christi"),
    ("2027-10-26", "National Day"),
    ("2027-11-01", "All Saints' Day"),
    ("2027-12-08", "Immaculate Conception"),
)


def calendar_rows(tenant: str) -> Iterator[SQLModel]:
    """The hours and holidays of one tenant."""
    for weekday, opens, closes in HOURS:
        yield WorkingHours(tenant_id=tenant, weekday=weekday, opens=opens, closes=closes)
    for day, name in HOLIDAYS:
        yield Holiday(tenant_id=tenant, day=date.fromisoformat(day), name=name)
