"""The garbage collector's share of a long-lived process."""

import gc

YOUNG_OBJECTS = 20_000


def keep_what_stays() -> None:
    """Call it when all is set up: what exists now stays, and need not be walked again and again.

    Python's own threshold of 700 new objects is reached several times in each request.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, 20, 20)
