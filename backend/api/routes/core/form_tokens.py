"""Signed form tokens: a rendered form is submitted at most once, however often it is sent."""

import secrets
from collections.abc import Sequence
from datetime import timedelta

from itsdangerous import BadData, URLSafeTimedSerializer

MAX_AGE = timedelta(days=2)
MIN_KEY_LENGTH = 32
SIGN_IN = "sign-in"


class FormTokens:
    """Signs and reads tokens of a purpose; the first key signs, all keys read."""

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys or any(len(key) < MIN_KEY_LENGTH for key in keys):
            raise ValueError("SECRET_KEYS needs at least one key, each with 32 characters or more.")
        # itsdangerous signs with the last key of its list.
        self._keys = list(reversed(keys))

    def new(self, purpose: str, key: str = "") -> str:
        """A new token; `key` is its unique part, by default a random one."""
        return self._serializer(purpose).dumps(key or secrets.token_urlsafe(12))

    def read(self, purpose: str, token: str) -> str | None:
        """The unique part of this token; None if it is not ours, has expired or has another purpose."""
        try:
            found: str = self._serializer(purpose).loads(token, max_age=int(MAX_AGE.total_seconds()))
        except BadData:
            return None
        return found

    def _serializer(self, purpose: str) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(self._keys, salt=f"countersign.{purpose}")
