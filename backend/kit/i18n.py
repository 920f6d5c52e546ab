"""Marks English text for translation where it is written. It is translated only where it is shown."""


def N_(message: str) -> str:  # noqa: N802 - gettext's own name
    """The message itself: gettext's mark for text that is translated later."""
    return message


def NN_(singular: str, plural: str, count: int) -> str:  # noqa: N802 - as above, with a plural
    """The English form for this count, to be formatted with `count`."""
    return singular if count == 1 else plural
