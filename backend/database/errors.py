"""What can go wrong with the database as a whole."""


class UnstorableValue(Exception):
    """A value is larger than its column, or of no kind that PostgreSQL stores; nothing of the transaction was kept."""


class UnstorableText(UnstorableValue):
    """Text holds U+0000, which PostgreSQL keeps nowhere; nothing of the transaction was kept."""


class DatabaseAway(Exception):
    """PostgreSQL does not answer; nothing of the transaction was kept."""

    def __init__(self) -> None:
        super().__init__("The database does not answer.")


class StorageFull(DatabaseAway):
    """PostgreSQL has no space left, or no memory; nothing of the transaction was kept."""


class EndUnknown(DatabaseAway):
    """It stopped answering while the transaction was being committed: all of it was kept, or nothing."""
