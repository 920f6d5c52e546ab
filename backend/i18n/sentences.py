"""English sentences that were stored or sent, as a reader of another language is shown them.

A sentence is a message, or a message with its placeholders filled in. The latter is found again by the literal text
around the placeholders: no regular expression, so that no text, however odd, takes long.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from string import Formatter

from backend.i18n import formats
from backend.i18n.catalogue import Catalogue, Message, catalogue_of, gettext
from backend.i18n.language import Language, current_language, speaking
from backend.kit.i18n import N_
from backend.kit.moments import rewrite_moments

LONGEST = 2_000  # characters; nothing that the desk says is longer
MOST_LINES = 60
MOST_KEPT = 4_096
# Placeholders whose values people typed, and those that hold lists of `join_names`; with or without a word before them.
AS_TYPED = frozenset({"title", "name", "comment", "reason", "file", "text"})
LISTS = frozenset({"names"})
SENTENCES = frozenset({"subject", "cause"})  # their values are filled-in messages themselves
_SEPARATORS = str.maketrans("", "", ",.")
_MONEY = re.compile(r"([A-Z]{3}) (\d{1,3}(?:,\d{3}){0,4}\.\d\d)")
_NUMBER = re.compile(r"\d{1,3}(?:,\d{3}){1,4}")
_AMOUNT = re.compile(r"(?:[A-Z]{3} )?-?\d\S*")
SAID = frozenset({N_("none"), N_("yes"), N_("no"), N_("deleted file")})
_FIXED = re.compile(r"-?\d{1,3}(?:,\d{3})*\.\d\d")
_DAY = re.compile(r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d{1,2} [A-Z][a-z]{2}(?: \d{4})?")


@dataclass(frozen=True)
class Pattern:
    """A message with placeholders: its literal parts, which are one more than its names."""

    literals: tuple[str, ...]
    names: tuple[str, ...]
    message: Message
    plural: bool

    @property
    def weight(self) -> int:
        """How many characters have to be the same."""
        return sum(map(len, self.literals))

    @property
    def holds_title(self) -> bool:
        """Whether it says something of a title. A title can read like any other message, so these are tried first."""
        return any(name.rpartition("_")[2] == "title" for name in self.names)

    def values(self, sentence: str) -> dict[str, str] | None:
        """What the placeholders hold if this is the message filled in; each literal is found where it comes first."""
        first, *between, last = self.literals
        at, end = len(first), len(sentence) - len(last)
        if len(sentence) < self.weight or not (sentence.startswith(first) and sentence.endswith(last)):
            return None
        found: list[str] = []
        for literal in between:
            place = sentence.find(literal, at, end)
            if place < 0:
                return None
            found.append(sentence[at:place])
            at = place + len(literal)
        values = dict(zip(self.names, [*found, sentence[at:end]], strict=True))
        return values if at <= end and self.fits(values, sentence) else None

    def fits(self, values: Mapping[str, str], sentence: str) -> bool:
        """Whether these values make the sentence: counts and amounts are numbers, the same name has the same value."""
        if not values.get("count", "0").translate(_SEPARATORS).isdecimal():
            return False
        if not all(_AMOUNT.fullmatch(value) for name, value in values.items() if name.endswith("amount")):
            return False
        if len(values) == len(self.names):
            return True
        filled = (values[name] + literal for name, literal in zip(self.names, self.literals[1:], strict=True))
        return self.literals[0] + "".join(filled) == sentence


class Sentences:
    """Stored sentences in one language."""

    def __init__(self, language: Language, catalogue: Catalogue) -> None:
        self._language = language
        self._catalogue = catalogue
        self._exact = dict(_exact(catalogue.messages))
        self._patterns = sorted(_patterns(catalogue.messages), key=lambda each: (not each.holds_title, -each.weight))
        self.shown = lru_cache(MOST_KEPT)(self._shown)

    def _shown(self, sentence: str) -> str:
        """The sentence in this language; as it is if it is none of ours. Moments within stay as they were written."""
        if sentence in self._exact:
            return self._exact[sentence]
        for pattern in self._patterns:  # of those with a title and of the others the most literal first
            values = pattern.values(sentence)
            if values is not None:
                with speaking(self._language):
                    return self._filled(pattern, values)
        with speaking(self._language):
            return rewritten(sentence)

    def _filled(self, pattern: Pattern, values: Mapping[str, str]) -> str:
        shown = {name: self._value(name, value) for name, value in values.items()}
        form = pattern.message.forms[self._form(pattern, values)]
        return "".join(text + (shown.get(name, "") if name else "") for text, name in _parts(form))

    def _form(self, pattern: Pattern, values: Mapping[str, str]) -> int:
        if len(pattern.message.forms) == 1:
            return 0
        count = values.get("count", "").replace(",", "")
        number = int(count) if count.isdecimal() else 2 if pattern.plural else 1
        return self._catalogue.form_of(number)

    def _value(self, name: str, value: str) -> str:
        kind = name.rpartition("_")[2]
        if kind in AS_TYPED:
            return value
        if kind in SENTENCES:
            return self.shown(value)
        return self.names(value) if kind in LISTS else self._exact.get(value) or rewritten(value)

    def names(self, value: str) -> str:
        """A list that `join_names` wrote."""
        word = "or" if " or " in value else "and"
        others, joined, last = value.rpartition(f" {word} ")
        items = [*(others.split(", ") if joined else []), last]
        return formats.listed([self._exact.get(item, item) for item in items], word)


def _exact(messages: Iterable[Message]) -> Iterator[tuple[str, str]]:
    for message in messages:
        if not message.context:
            yield message.sources[0], message.forms[0]


def _patterns(messages: Iterable[Message]) -> Iterator[Pattern]:
    for message in messages:
        for index, source in enumerate(message.sources):
            parts = _parts(source) if not message.context else []
            names = tuple(name for _, name in parts if name)
            literals = tuple(text for text, name in parts if name)
            tail = parts[-1][0] if parts and not parts[-1][1] else ""
            if names and any(character.isalpha() for character in "".join(literals) + tail):
                yield Pattern((*literals, tail), names, message, plural=index > 0)


def _parts(source: str) -> list[tuple[str, str]]:
    """The text of a format string, each part with the placeholder that follows it; none of `%(name)s`."""
    try:
        return [(text, name or "") for text, name, _, _ in Formatter().parse(source)]
    except ValueError:
        return [(source, "")]


def rewritten(value: str) -> str:
    """An amount, a number or a day of the source as the language in hand writes it; anything else as it is."""
    if found := _MONEY.fullmatch(value):
        return formats.money(Decimal(found[2].replace(",", "")), found[1])
    if _NUMBER.fullmatch(value):
        return formats.number(int(value.replace(",", "")))
    return _day(value) if _DAY.fullmatch(value) else value


def value_shown(value: str, zone: str) -> str:
    """A value of a form in a sentence of its own: what the desk wrote as the language in hand does, text as it is."""
    if value in SAID:
        return gettext(value)
    if _FIXED.fullmatch(value):
        return formats.fixed(Decimal(value.replace(",", "")), 2)
    return rewrite_moments(rewritten(value), lambda moment: formats.dated(moment, zone))


def _day(value: str) -> str:
    this_year = date.today().year  # noqa: DTZ011 - the year that `kit.times` left out
    try:
        given = datetime.strptime(value if value[-4:].isdecimal() else f"{value} {this_year}", "%a %d %b %Y")  # noqa: DTZ007
    except ValueError:
        return value
    return formats.day(given.date())


@cache
def _sentences_in(language: Language) -> Sentences:
    return Sentences(language, catalogue_of(language))


def _shown_in(language: Language, text: str) -> str:
    """The text as one sentence, or line by line if its first line is a sentence, as in the notes of digests."""
    shown = _sentences_in(language).shown
    lines = text.splitlines()
    if 1 < len(lines) <= MOST_LINES and max(map(len, lines)) <= LONGEST and shown(lines[0]) != lines[0]:
        return "\n".join(map(shown, lines))
    return shown(text) if len(text) <= LONGEST else text


def translated(sentence: str, zone: str, moments: Callable[[datetime, str], str] = formats.dated) -> str:
    """The sentence in the language in hand, with the moments within it as clocks show them in the zone."""
    text = str(sentence)
    language = current_language()
    if language is not Language.ENGLISH:
        text = _shown_in(language, text)
    return rewrite_moments(text, lambda moment: moments(moment, zone))


def translated_names(names: str) -> str:
    """A list that `join_names` wrote, or the sentence in its place, in the language in hand."""
    language = current_language()
    if language is Language.ENGLISH:
        return names
    sentences = _sentences_in(language)
    shown = sentences.shown(names)
    return shown if shown != names else sentences.names(names)
