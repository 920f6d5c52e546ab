"""Keep the catalogues of messages as the code has them; `--check` only says what is wrong.

Messages are sorted and carry neither dates nor places, so that a catalogue changes only when a message does.
"""

import argparse
import sys
from collections.abc import Iterator
from importlib import import_module
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import write_po

from backend.i18n.catalogue import DOMAIN, as_forms, catalogue_file, read_catalogue
from backend.i18n.checks import faults_of
from backend.i18n.language import Language

ROOT = Path(__file__).parents[2]
LANGUAGES = (Language.GERMAN,)
KEYWORDS = {"N_": None, "_": None, "gettext": None, "NN_": (1, 2), "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}
TEMPLATE_OPTIONS = {"trimmed": "true", "newstyle_gettext": "true", "silent": "false", "trim_blocks": "true"}
# Between them they import every refusal.
REFUSING = ("backend.api.main", "backend.cases.people.new_person")
HEADER = """\
# Messages of Countersign. Kept by `make messages`; translations are written here by hand.
msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plural}\\n"

"""


def extracted() -> Catalog:
    """Every message of the code and the templates."""
    found = Catalog(domain=DOMAIN)
    options = {"**.html": TEMPLATE_OPTIONS, "**.txt": TEMPLATE_OPTIONS}
    templates = [("**.html", "jinja2"), ("**.txt", "jinja2")]
    for folder, methods in (("backend", [("**.py", "python")]), ("frontend/templates", templates)):
        for _, _, message, _, context in extract_from_dir(
            str(ROOT / folder), methods, options, keywords=KEYWORDS, comment_tags=()
        ):
            found.add(message, context=context)
    for sentence in sentences_of_refusals():
        found.add(sentence)
    return found


def sentences_of_refusals() -> Iterator[str]:
    """The docstrings that people read: those of refusals."""
    from backend.cases.core.errors import CaseError  # noqa: PLC0415 - only this command needs them

    for module in REFUSING:
        import_module(module)

    waiting: list[type[CaseError]] = [CaseError]
    while waiting:
        refusal = waiting.pop()
        waiting += refusal.__subclasses__()
        if refusal.__module__.startswith("backend.") and refusal.__doc__:
            yield refusal.__doc__.strip()


def updated(language: Language, found: Catalog) -> Catalog:
    """The catalogue with the messages of today; what is no longer said is left out, what is new is not translated."""
    kept = read_catalogue(language)
    fresh = Catalog(locale=language, domain=DOMAIN)
    for message in found:
        if message.id:
            known = kept.get(message.id if isinstance(message.id, str) else message.id[0], message.context)
            same = known is not None and as_forms(known.id) == as_forms(message.id)
            fresh.add(message.id, known.string if known and same else None, context=message.context)
    return fresh


def written(language: Language, catalog: Catalog) -> bytes:
    """The catalogue as it is kept."""
    for message in catalog:
        message.flags = set()
    body = BytesIO()
    write_po(body, catalog, width=0, no_location=True, omit_header=True, sort_output=True, ignore_obsolete=True)
    header = HEADER.format(language=language, plural=catalog.plural_forms)
    return header.encode() + body.getvalue().strip() + b"\n"


def wrong(language: Language, fresh: bytes, *, complete: bool) -> list[str]:
    """What has to be corrected in a catalogue."""
    kept = read_catalogue(language)
    found = [] if catalogue_file(language).read_bytes() == fresh else ["out of date: run make messages"]
    messages: list[Message] = [message for message in kept if message.id]
    for message in messages:
        first = as_forms(message.id)[0]
        found += [f"{first!r}: {fault}" for fault in faults_of(message, complete=complete)]
    return found


def main() -> int:
    """Update the catalogues, or say what is wrong with them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; fail if something is wrong")
    parser.add_argument("--complete", action="store_true", help="with --check: nothing may be left untranslated")
    given = parser.parse_args()
    found = extracted()
    faults: list[str] = []
    for language in LANGUAGES:
        fresh = written(language, updated(language, found))
        if not given.check:
            catalogue_file(language).write_bytes(fresh)
            continue
        faults += [f"{language}: {fault}" for fault in wrong(language, fresh, complete=given.complete)]
    sys.stderr.writelines(f"{fault}\n" for fault in faults)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
