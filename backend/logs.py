"""Logging of every process: readable lines, or one ECS JSON document a line."""

import logging
import sys

from ecs_logging import StdlibFormatter

from backend.settings import Settings

LINE = "%(levelname)-7s %(name)s: %(message)s"


def configure_logging(settings: Settings) -> None:
    """Log to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(StdlibFormatter() if settings.log_format == "json" else logging.Formatter(LINE))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    # The SDK logs every poll and every coming retry, which only its developers need.
    logging.getLogger("temporalio").setLevel(logging.WARNING)
