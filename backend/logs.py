"""Logging of every process: readable lines, or one ECS JSON document a line."""

import asyncio
import logging
import re
import sys

from ecs_logging import StdlibFormatter

from backend.settings import Settings

# What errors say of values: PostgreSQL's details, SQLAlchemy's parameters, Pydantic's input.
_VALUES = re.compile(r"(DETAIL: |\[parameters: |input_value=)(?:(?!\\n).)*")
LINE = "%(levelname)-7s %(name)s: %(message)s"


class RedactingHandler(logging.StreamHandler):  # type: ignore[type-arg]  # of standard error
    """Leaves out the values that errors quote: they are what people typed."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without values."""
        return _VALUES.sub(r"\1…", super().format(record))


def configure_logging(settings: Settings) -> None:
    """Log to standard error."""
    handler = RedactingHandler(sys.stderr)
    handler.setFormatter(StdlibFormatter() if settings.log_format == "json" else logging.Formatter(LINE))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    # The SDK logs every poll and every coming retry, which only its developers need.
    logging.getLogger("temporalio").setLevel(logging.WARNING)
    logging.getLogger("temporalio.activity").addFilter(is_worth_logging)


def is_worth_logging(record: logging.LogRecord) -> bool:
    """Whether a record of the SDK is worth a line; an activity that was cancelled in time is not."""
    return not (record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError))
