"""What can go wrong with the database as a whole."""


class UnstorableText(Exception):
    """Text holds U+0000, which PostgreSQL keeps nowhere; nothing of the transaction was kept."""


class DatabaseAway(Exception):
    """PostgreSQL does not answer; nothing of the transaction was kept."""

    def __init__(self) -> None:
        super().__init__("The database does not answer.")


class EndUnknown(DatabaseAway):
    """It stopped answering while the transaction was being committed: all of it was kept, or nothing."""
