"""Moments in stored sentences, shown in the time zone of the reader."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from backend.kit.moments import in_utc, rewrite_moments
from backend.kit.times import dated


def as_read(sentence: str, zone: str = "Europe/Vienna") -> str:
    return rewrite_moments(sentence, lambda moment: dated(moment, zone))


def test_a_moment_in_a_sentence_reads_as_where_its_reader_is() -> None:
    moment = datetime(2099, 1, 15, 1, 30, tzinfo=timezone(timedelta(hours=2)))
    sentence = f"moved it to {in_utc(moment)}."
    assert sentence == "moved it to Wed 14 Jan 2099 23:30 UTC."
    assert as_read(sentence) == "moved it to Thu 15 Jan 2099 00:30."
    assert as_read(sentence, "UTC") == "moved it to Wed 14 Jan 2099 23:30."
    this_year = datetime.now(UTC).replace(month=7, day=9, hour=8, minute=5)
    assert as_read(in_utc(this_year)) == f"{this_year:%a} 9 Jul 10:05"


@pytest.mark.parametrize("sentence", ["at 08:40 UTC", "Wed 14 Jan 2099 23:30", "Fri 31 Feb 2099 10:00 UTC", ""])
def test_what_is_no_such_moment_stays(sentence: str) -> None:
    assert as_read(sentence) == sentence
