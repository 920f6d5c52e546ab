"""External changes have a key made of the case and the step, so that each happens once."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from pydantic import BaseModel

from backend.kit.approval import Approved

_attempt: ContextVar[int] = ContextVar("attempt", default=1)


class Keyed(BaseModel):
    """An external change; the key is `{reference}:{step}`, with the suffix `-2` in the second round.

    `approved` is the form that it follows from, where people approved it; other systems are not told.
    """

    tenant: str
    key: str
    approved: Approved | None = None

    def content(self) -> dict[str, Any]:
        """What other systems are told."""
        return self.model_dump(mode="json", exclude={"tenant", "key", "approved"})

    def key_of(self, step: str) -> str:
        """The key of another step of the same case and round: `ORD-1:charge-2` has `ORD-1:refund-2`."""
        reference, _, own_step = self.key.rpartition(":")
        _, dash, number = own_step.partition("-")
        return f"{reference}:{step}{dash}{number}"


class Refused(Exception):
    """The other system will never accept this; retrying is pointless."""


@contextmanager
def attempt(number: int) -> Iterator[None]:
    """Set which attempt at the same change this is. From the second on, adapters look before they send."""
    token = _attempt.set(number)
    try:
        yield
    finally:
        _attempt.reset(token)


def tried_before() -> bool:
    """Whether an earlier attempt may have had its effect although its answer was lost."""
    return _attempt.get() > 1
