"""Signing, and reading what we signed earlier, maybe on a server whose clock differs a little."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from itsdangerous import SignatureExpired, URLSafeTimedSerializer

CLOCK_TOLERANCE = timedelta(minutes=5)


def signer(keys: Sequence[str], purpose: str) -> URLSafeTimedSerializer:
    """Signs for this purpose alone; the first key signs, all keys read."""
    # itsdangerous signs with the last key of its list.
    return URLSafeTimedSerializer(list(reversed(keys)), salt=f"countersign.{purpose}")


def read_signed(serializer: URLSafeTimedSerializer, token: str, max_age: timedelta) -> Any:
    """The signed value; BadData if it is not ours, too old, or signed further in the future than clocks differ."""
    value, signed_at = serializer.loads(token, return_timestamp=True)
    age = datetime.now(UTC) - signed_at
    if not -CLOCK_TOLERANCE <= age <= max_age:
        raise SignatureExpired(f"Signed {age} ago.")
    return value
