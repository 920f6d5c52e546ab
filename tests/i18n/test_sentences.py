"""Sentences stored in English, shown in German."""

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.i18n.catalogue import Catalogue, Message
from backend.i18n.language import Language, speaking
from backend.i18n.sentences import LONGEST, Sentences, translated
from backend.kit.i18n import N_, NN_
from backend.kit.moments import in_utc

# A sentence of the same length takes so much less; what grew with its square would take thousands of times as long.
MOST_TIMES_SLOWER = 100
CHANGED = "changed the request (version {version})."
LINES = ("{count} line is missing.", "{count} lines are missing.")
MESSAGES = (
    Message((CHANGED,), ("hat den Antrag geändert (Version {version}).",)),
    Message(("{who} changed the request (version {version}).",), ("{who}: Antrag geändert (Version {version}).",)),
    Message(("{name} asked for “{title}”: {state}.",), ("{state}: „{title}“, gewünscht von {name}.",)),
    Message(("{names} must answer.",), ("Antwort nötig: {names}.",)),
    Message(LINES, ("{count} Zeile fehlt.", "{count} Zeilen fehlen.")),
    Message(("Approved",), ("Genehmigt",)),
    Message(("finance",), ("die Finanzabteilung",)),
    Message(("Costs {amount} until {day}.",), ("Kostet bis {day} {amount}.",)),
    Message(("{one} or {one} again",), ("wieder {one}",)),
    Message(("{a}: {b}",), ("nie {a} {b}",)),
    Message(("{title} for {amount}",), ("{title} für {amount}",)),
    Message(("Order number {number} for {name}",), ("Bestellung Nummer {number} für {name}",)),
    Message(("{names} has to decide {subject}",), ("Entscheidung durch {names} nötig: {subject}",)),
    Message(("{title} has ended",), ("{title} wurde abgeschlossen",)),
    Message(("Open",), ("Öffnen",), context="verb"),
)


@pytest.fixture
def sentences() -> Sentences:
    """A small catalogue."""
    return Sentences(Language.GERMAN, Catalogue(MESSAGES))


@pytest.mark.parametrize(
    ("english", "german"),
    [
        ("Approved", "Genehmigt"),
        (CHANGED.format(version=3), "hat den Antrag geändert (Version 3)."),
        ("Ann changed the request (version 3).", "Ann: Antrag geändert (Version 3)."),
        ("1 line is missing.", "1 Zeile fehlt."),
        ("1,234 lines are missing.", "1.234 Zeilen fehlen."),
        ("Some lines are missing.", "Some lines are missing."),
        ("Costs EUR 4,860.00 until Tue 22 Sep 2099.", "Kostet bis Di., 22. Sept. 2099 4.860,00 EUR."),
        ("Costs EUR 1.5e9 until Tue 99 Sep 2026.", "Kostet bis Tue 99 Sep 2026 EUR 1.5e9."),
        ("Ann asked for “Approved”: Approved.", "Genehmigt: „Approved“, gewünscht von Ann."),
        ("Ann, Ben or finance must answer.", "Antwort nötig: Ann, Ben oder die Finanzabteilung."),
        ("finance and Ann must answer.", "Antwort nötig: die Finanzabteilung und Ann."),
        ("finance must answer.", "Antwort nötig: die Finanzabteilung."),
        ("x or x again", "wieder x"),
        ("x or y again", "x or y again"),
        ("Cost: high", "Cost: high"),
        ("Desks for EUR 480.00", "Desks für 480,00 EUR"),
        ("Desks for the office wait", "Desks for the office wait"),
        ("Order number 1 for Ann has ended", "Order number 1 for Ann wurde abgeschlossen"),
        ("Ann has to decide Order number 1 for Ben", "Entscheidung durch Ann nötig: Bestellung Nummer 1 für Ben"),
        ("Fri 11 Dec 2099", "Fr., 11. Dez. 2099"),
        ("Open", "Open"),
        ("", ""),
        ("{version}", "{version}"),
        (CHANGED, "hat den Antrag geändert (Version {version})."),
    ],
)
def test_a_stored_sentence_reads_in_german(sentences: Sentences, english: str, german: str) -> None:
    assert sentences.shown(english) == german


@given(st.text(max_size=60))
def test_what_people_typed_stays_as_it_is_and_is_never_a_format(typed: str) -> None:
    shown = Sentences(Language.GERMAN, Catalogue(MESSAGES)).shown(f"Ann asked for “{typed}”: Approved.")
    assert typed in shown
    assert shown.startswith("Genehmigt: „")


@pytest.mark.parametrize("typed", ["{name}", "{0.__class__}", "%(name)s", "{", "}}", "{title!r:>999999999}"])
def test_braces_of_people_are_text(sentences: Sentences, typed: str) -> None:
    assert sentences.shown(f"{typed} changed the request (version {typed}).") == (
        f"{typed}: Antrag geändert (Version {typed})."
    )


@pytest.mark.parametrize(
    "hostile",
    [
        "a" * 100_000,
        "x or " * 20_000 + " again",
        " changed the request (version " * 3_000 + ").",
        "Ann asked for “" + "”: " * 600 + ".",
        "x or " * 390 + " again",
    ],
)
def test_no_sentence_takes_long(hostile: str) -> None:
    plain, odd = (time_taken(text) for text in ("y" * len(hostile), hostile))
    assert odd < MOST_TIMES_SLOWER * plain


def time_taken(sentence: str) -> float:
    """Processor seconds for this sentence, the minimum of several runs without a cache."""
    return min(_seconds(sentence) for _ in range(5))


def _seconds(sentence: str) -> float:
    sentences = [Sentences(Language.GERMAN, Catalogue(MESSAGES)) for _ in range(20)]
    began = time.process_time()
    with speaking(Language.GERMAN):
        for each in sentences:
            each.shown(sentence[:LONGEST])
            translated(sentence, "UTC")
    return time.process_time() - began


def test_moments_within_are_told_where_and_how_the_reader_lives() -> None:
    moment = in_utc(datetime(2099, 1, 14, 23, 30, tzinfo=UTC))
    with speaking(Language.GERMAN):
        assert translated(f"so it is: {moment}.", "Europe/Vienna") == "so it is: Do., 15. Jan. 2099 00:30."
    with speaking(Language.ENGLISH):
        assert translated(f"so it is: {moment}.", "Europe/Vienna") == "so it is: Thu 15 Jan 2099 00:30."


def test_a_note_of_several_sentences_is_shown_line_by_line() -> None:
    desks = "PUR-000001 Desks, 5 pieces (EUR 480.00), due Wed 14 Jan 2099 23:30 UTC"
    note = f"2 overdue requests are waiting for you.\nHurry up.\n{desks}"
    with speaking(Language.GERMAN):
        assert translated(note, "UTC").splitlines() == [
            "2 überfällige Anträge warten auf Sie.",
            "Hurry up.",
            "PUR-000001 Desks, 5 pieces (480,00 EUR), fällig Mi., 14. Jan. 2099 23:30",
        ]


def test_marks_are_the_english_itself() -> None:
    assert N_("Approved") == "Approved"
    assert [NN_(*LINES, count).format(count=count) for count in (0, 1, 2)] == [
        "0 lines are missing.",
        "1 line is missing.",
        "2 lines are missing.",
    ]
