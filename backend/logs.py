"""How every process writes its log: readable lines, or one ECS document a line for machines."""

import logging
import sys

from ecs_logging import StdlibFormatter

from backend.settings import Settings

LINE = "%(levelname)-7s %(name)s: %(message)s"


def write_logs(settings: Settings) -> None:
    """Send what this process has to say to its standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(StdlibFormatter() if settings.log_format == "json" else logging.Formatter(LINE))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    # The SDK's notices of every poll and of retries to come are for its own developers.
    logging.getLogger("temporalio").setLevel(logging.WARNING)
