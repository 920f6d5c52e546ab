"""Signed tokens of forms: a rendered form is submitted at most once, however often it is sent."""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from itsdangerous import BadData, URLSafeTimedSerializer

from backend.cases.core.signatures import read_signed, signer

MAX_AGE = timedelta(days=2)
MIN_KEY_LENGTH = 32
SIGN_IN = "sign-in"
CSRF = "csrf"


class FormTokens:
    """Signs and reads tokens of a purpose; the first key signs, all keys read."""

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys or any(len(key) < MIN_KEY_LENGTH for key in keys):
            raise ValueError("SECRET_KEYS needs at least one key, each with 32 characters or more.")
        self._keys = keys

    def new(self, purpose: str, key: str = "") -> str:
        """A new token; `key` is its unique part, by default a random one."""
        return self.sign(purpose, key or secrets.token_urlsafe(12))

    def read(self, purpose: str, token: str) -> str | None:
        """The unique part of this token; None if it is not ours, has expired or has another purpose."""
        found = self.unsign(purpose, token)
        return found if isinstance(found, str) else None

    def sign(self, purpose: str, value: Any) -> str:
        """A value of JSON, readable and signed."""
        return str(self._serializer(purpose).dumps(value))

    def unsign(self, purpose: str, token: str, max_age: timedelta = MAX_AGE) -> Any:
        """The value of this token; None if it is not ours, has expired or has another purpose."""
        try:
            return read_signed(self._serializer(purpose), token, max_age)
        except BadData:
            return None

    def csrf(self, person_id: str) -> str:
        """A CSRF token for a new session: after the session has ended, it still says whose page it was on."""
        return self.sign(CSRF, [person_id, secrets.token_urlsafe(18)])

    def person_of_csrf(self, token: str) -> str:
        """The person on whose page this CSRF token was; empty if it is not ours or too old."""
        found = self.unsign(CSRF, token)
        return str(found[0]) if isinstance(found, list) and found else ""

    def _serializer(self, purpose: str) -> URLSafeTimedSerializer:
        return signer(self._keys, purpose)
