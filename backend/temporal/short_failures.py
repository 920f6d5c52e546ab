"""Failures as Temporal keeps them: encrypted, and short enough that none is cut off there.

Temporal replaces a failure of more than 4 KB by one that says only that it was too large; of an encrypted one nothing
readable is left. So traces and messages are shortened before they are encrypted. Types and messages are always kept.
"""

from temporalio.api.failure.v1 import Failure
from temporalio.converter import DefaultFailureConverter, PayloadConverter

ENCODED = "Encoded failure"
# Bytes of the outermost failure, and of each of its causes.
MESSAGE, CAUSE_MESSAGE = 700, 350
TRACE, CAUSE_TRACE = 900, 250
CUT = "…"


class ShortFailures(DefaultFailureConverter):
    """The SDK's converter, with messages and traces shortened and moved to where the codec encrypts them."""

    def __init__(self) -> None:
        super().__init__()
        self._plain = DefaultFailureConverter()

    def to_failure(self, exception: BaseException, payload_converter: PayloadConverter, failure: Failure) -> None:
        """Convert an exception with its causes."""
        self._plain.to_failure(exception, payload_converter, failure)
        _leave_out_the_middle(failure)
        for place, each in enumerate(_chain(failure)):
            _encode(each, payload_converter, cause=place > 0)


def _chain(failure: Failure) -> list[Failure]:
    """A failure and its causes, the innermost last."""
    found = [failure]
    while found[-1].HasField("cause"):
        found.append(found[-1].cause)
    return found


def _leave_out_the_middle(failure: Failure) -> None:
    """Of many causes only the first and the innermost are kept."""
    chain = _chain(failure)
    if len(chain) > 3:  # noqa: PLR2004 - the failure, its cause, and the innermost cause
        innermost = Failure()
        innermost.CopyFrom(chain[-1])
        chain[1].cause.CopyFrom(innermost)


def _encode(failure: Failure, converter: PayloadConverter, *, cause: bool) -> None:
    if failure.HasField("encoded_attributes") and failure.message == ENCODED:
        return  # it came from elsewhere as it is
    content = {
        "message": _beginning(failure.message, CAUSE_MESSAGE if cause else MESSAGE),
        "stack_trace": _end(failure.stack_trace, CAUSE_TRACE if cause else TRACE),
    }
    failure.encoded_attributes.CopyFrom(converter.to_payloads([content])[0])
    failure.message, failure.stack_trace = ENCODED, ""


def _beginning(text: str, most: int) -> str:
    content = text.encode()
    return text if len(content) <= most else content[:most].decode(errors="ignore") + CUT


def _end(text: str, most: int) -> str:
    """The innermost calls are at the end of a trace."""
    content = text.encode()
    return text if len(content) <= most else CUT + content[-most:].decode(errors="ignore")
