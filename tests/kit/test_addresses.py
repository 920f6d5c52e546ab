"""Addresses of email that servers take, and text in which no address is a link."""

import pytest

from backend.kit.addresses import BadAddress, sendable, unlinked

LONG = "a" * 64


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("ann@example.com", "ann@example.com"),
        ("  ann@example.com ", "ann@example.com"),
        ("Ann.Berger+x@Example.com", "Ann.Berger+x@example.com"),
        ("ann@bücher.example", "ann@xn--bcher-kva.example"),
        ("ann@STRASSE.example", "ann@strasse.example"),
        (f"{LONG}@example.com", f"{LONG}@example.com"),
    ],
)
def test_an_address_is_sent_to_as_every_server_takes_it(typed: str, sent: str) -> None:
    assert sendable(typed) == sent


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "This is not a valid email address."),
        ("ann", "This is not a valid email address."),
        ("@example.com", "This is not a valid email address."),
        ("ann@", "This is not a valid email address."),
        ("änne@example.com", "The part before the @ can contain only a to z, digits and signs."),
        ("ann berger@example.com", "The part before the @ is not valid."),
        (".ann@example.com", "The part before the @ is not valid."),
        ("a..b@example.com", "The part before the @ is not valid."),
        (f"{LONG}a@example.com", "The part before the @ is not valid."),
        ("ann@-.example", "The domain after the @ is not valid."),
        ("ann@exa mple.com", "The domain after the @ is not valid."),
        (f"{LONG}@{'.'.join(['b' * 60] * 4)}", "This email address is too long."),
    ],
)
def test_a_bad_address_says_why(typed: str, reason: str) -> None:
    with pytest.raises(BadAddress) as refused:
        sendable(typed)
    assert str(refused.value) == reason


def test_the_longest_address_has_254_characters() -> None:
    domain = ".".join(["b" * 60, "b" * 60, "b" * 60, "c"])
    local = "a" * (254 - 1 - len(domain))
    if len(local) > 64:
        domain, local = f"{'d' * (len(local) - 64 - 1)}.{domain}", LONG
    assert len(sendable(f"{local}@{domain}")) == 254
    with pytest.raises(BadAddress, match="too long"):
        sendable(f"{local}@x{domain}")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Pay at https://evil.example/now", "Pay at evil[.]example/now"),
        ("HTTP:\\\\evil.example", "evil[.]example"),
        ("mailto:eve@evil.example", "eve@evil[.]example"),
        ("www.evil.example", "www[.]evil[.]example"),
        ("evil。example", "evil[.]example"),
        ("Offer.pdf and offer.PDF", "Offer.pdf and offer.PDF"),
        ("offer.pdf/x", "offer[.]pdf/x"),
        ("1.50 and 2.5 kg. Then more", "1.50 and 2.5 kg. Then more"),
    ],
)
def test_no_address_in_text_of_others_is_a_link(text: str, shown: str) -> None:
    assert unlinked(text) == shown
