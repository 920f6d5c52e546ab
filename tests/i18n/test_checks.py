"""Faults of a catalogue, and the committed catalogues."""

import pytest
from babel.messages.catalog import Catalog, Message

from backend.commands.messages import LANGUAGES, extracted, updated, written, wrong
from backend.i18n.checks import faults_of
from backend.i18n.language import Language


@pytest.mark.parametrize(
    ("message", "faults"),
    [
        (Message("A {b}", "Ein {b}"), []),
        (Message("A {b}", "Ein {c}"), ["other placeholders: 'Ein {c}'"]),
        (Message("A %(b)s", "Ein {b}"), []),
        (Message("A %(b)s", "Ein"), ["other placeholders: 'Ein'"]),
        (Message("A <b>b</b>", "Ein b"), ["other tags: 'Ein b'"]),
        (Message("A", "Ein", flags=["fuzzy"]), ["fuzzy"]),
        (Message("A {}", "Ein {}"), ["placeholders have names"]),
        (Message("A", ""), []),
        (Message(("One", "{count} ones"), ("Eins", "{count} Einsen")), []),
        (Message(("One", "{count} ones"), ("Eins", "")), ["not translated"]),
    ],
)
def test_faults_of_a_translation(message: Message, faults: list[str]) -> None:
    assert list(faults_of(message, complete=False)) == faults


def test_a_complete_catalogue_has_no_gaps() -> None:
    assert list(faults_of(Message("A", ""), complete=True)) == ["not translated"]


def test_the_catalogues_are_those_of_the_code() -> None:
    found = extracted()
    for language in LANGUAGES:
        assert wrong(language, written(language, updated(language, found)), complete=False) == []


def test_what_is_kept_survives_an_update_and_what_is_not_said_any_more_goes() -> None:
    found = Catalog()
    found.add("Sign in")
    found.add("Never said before")
    fresh = updated(Language.GERMAN, found)
    assert {message.id: message.string for message in fresh if message.id} == {
        "Sign in": "Anmelden",
        "Never said before": None,
    }
