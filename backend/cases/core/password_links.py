"""One-time links with which people set their password: after an invitation, or when they have forgotten it.

A link is a signature over the person and the hash of their current password: setting a password ends all earlier links.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from itsdangerous import BadData

from backend.cases.core.errors import CaseError
from backend.cases.core.signatures import read_signed, signer
from backend.database.tables import Person

AGE = timedelta(days=3)
PURPOSE = "password-link"
PAGE = "/set-password"


class PasswordLinkNotValid(CaseError):
    """This link is not valid, has expired or was already used. Ask an administrator for a new one."""

    status = 404
    code = "link_not_valid"


@dataclass(frozen=True)
class PasswordLink:
    """Whose password a link sets, and which one it replaces."""

    person_id: str
    replaces: str

    def is_for(self, person: Person | None) -> bool:
        """Whether it can still be used: the person is active and has set no password since."""
        return person is not None and person.active and self.replaces == _digest(person)


class PasswordLinks:
    """Signs and reads links."""

    def __init__(self, keys: Sequence[str], base_url: str = "", age: timedelta = AGE) -> None:
        self._signer = signer(keys, PURPOSE)
        self._base = base_url.rstrip("/")
        self._age = age

    def url(self, person: Person) -> str:
        """A new link for this person."""
        return f"{self._base}{PAGE}/{self._signer.dumps([person.id, _digest(person)])}"

    def read(self, token: str) -> PasswordLink:
        """What the last part of the link says; PasswordLinkNotValid if it is not ours or too old."""
        try:
            person_id, replaces = read_signed(self._signer, token, self._age)
        except (BadData, ValueError, TypeError) as error:
            raise PasswordLinkNotValid from error
        return PasswordLink(str(person_id), str(replaces))


def _digest(person: Person) -> str:
    return sha256(person.password_hash.encode()).hexdigest()[:16]
