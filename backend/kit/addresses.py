"""Addresses of email as mail servers take them, and addresses in text that no mail program shall make a link of."""

import re

import idna
from pydantic import ValidationInfo

from backend.kit.fields import FormContext
from backend.kit.i18n import N_

LONGEST, LONGEST_LOCAL = 254, 64  # RFC 5321
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_SCHEME = re.compile(r"(?:\b[a-z][a-z0-9+.-]{0,20}:[/\\]{2,}|\bmailto:)", re.IGNORECASE)
# A dot of any script between two words is what mail programs take for a domain; endings of files are none.
_FILES = r"(?i:pdf|png|jpe?g|jfif|docx?|xlsx?|csv|txt)\b(?![./])"
_DOT = re.compile(rf"(?<=\w)[.\u3002\uff0e\uff61](?=[^\W\d_]{{2}})(?!{_FILES})")


class BadAddress(ValueError):
    """No email can be sent to this address; the message says why."""


def sendable(address: str) -> str:
    """The address as every mail server takes it: its domain in ASCII (IDNA 2008). BadAddress with the reason."""
    local, at, domain = address.strip().rpartition("@")
    if not at or not local or not domain:
        raise BadAddress(N_("This is not a valid email address."))
    if not local.isascii():
        raise BadAddress(N_("The part before the @ can contain only a to z, digits and signs."))
    if not _LOCAL.fullmatch(local) or len(local) > LONGEST_LOCAL:
        raise BadAddress(N_("The part before the @ is not valid."))
    try:
        known = idna.encode(domain, uts46=True).decode()
    except (idna.IDNAError, UnicodeError) as error:
        raise BadAddress(N_("The domain after the @ is not valid.")) from error
    if len(local) + 1 + len(known) > LONGEST:
        raise BadAddress(N_("This email address is too long."))
    return f"{local}@{known}"


def takes_email(value: str, info: ValidationInfo) -> str:
    """Refuse an address that no email can be sent to, at the edge only: what was accepted stays valid."""
    if isinstance(info.context, FormContext):
        sendable(value)
    return value


def unlinked(text: str) -> str:
    """Text of others for an email: an address in it is broken, so that the only live links are our own."""
    return _DOT.sub("[.]", _SCHEME.sub("", text))
