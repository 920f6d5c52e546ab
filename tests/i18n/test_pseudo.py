"""The pseudo-locale, which shows text that cannot be translated and layouts that break."""

from backend.i18n.catalogue import catalogue_of
from backend.i18n.language import Language
from backend.i18n.pseudo import pseudo


def test_every_message_is_marked_and_longer_and_keeps_its_placeholders() -> None:
    message = 'Case <b class="x">{reference}</b> of %(name)s&nbsp;is 100%% open'
    shown = pseudo(message)
    assert shown.startswith("⟦Çášé ")
    assert shown.endswith("⟧")
    assert len(shown) >= round(1.4 * len(message))
    assert all(kept in shown for kept in ('<b class="x">', "{reference}", "</b>", "%(name)s", "&nbsp;", "100%%"))


def test_it_says_everything_known_or_not() -> None:
    catalogue = catalogue_of(Language.PSEUDO)
    assert catalogue.gettext("Nobody marked this").startswith("⟦")
    assert catalogue.ngettext("{count} day", "{count} days", 2).startswith("⟦{count} đáýš")
