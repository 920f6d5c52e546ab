"""How urgent a case is, as its process sees it."""

from enum import IntEnum


class Priority(IntEnum):
    """High comes first. The number is what rows are sorted by."""

    HIGH = 1
    NORMAL = 2

    @property
    def word(self) -> str:
        """As people and programs read it."""
        return self.name.lower()
