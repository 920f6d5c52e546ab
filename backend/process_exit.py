"""The one way to end a process: flush all output, then exit without waiting for threads of libraries."""

import logging
import os
import sys


def exit_now(code: int) -> None:
    """Flush all output and exit; threads of the Temporal SDK could otherwise keep the process alive."""
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
