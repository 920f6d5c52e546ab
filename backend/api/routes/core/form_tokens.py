"""Signed form tokens: one rendered form is one submission, however often it is sent."""

import secrets
from collections.abc import Sequence
from datetime import timedelta

from itsdangerous import BadData, URLSafeTimedSerializer

AGE = timedelta(days=2)
SHORTEST_KEY = 32
SIGN_IN = "sign-in"


class FormTokens:
    """Signs and reads tokens of a purpose; the first key signs, all keys read."""

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys or any(len(key) < SHORTEST_KEY for key in keys):
            raise ValueError("SECRET_KEYS needs keys of 32 characters or more, at least one.")
        # itsdangerous signs with the last key of its list.
        self._keys = list(reversed(keys))

    def new(self, purpose: str) -> str:
        """A token that nobody has seen yet."""
        return self._serializer(purpose).dumps(secrets.token_urlsafe(12))

    def read(self, purpose: str, token: str) -> str | None:
        """What makes this token unique; None if it is not ours, too old or of another purpose."""
        try:
            found: str = self._serializer(purpose).loads(token, max_age=int(AGE.total_seconds()))
        except BadData:
            return None
        return found

    def _serializer(self, purpose: str) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(self._keys, salt=f"countersign.{purpose}")
