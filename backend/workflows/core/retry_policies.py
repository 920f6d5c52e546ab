"""Retry policies, named by intent. Errors marked non-retryable end any of them at once."""

from datetime import timedelta

from temporalio.common import RetryPolicy
from temporalio.workflow import LocalActivityConfig

# A system outside is down for minutes or hours now and then; the case waits for it.
PATIENT = RetryPolicy(
    initial_interval=timedelta(seconds=1),
    backoff_coefficient=2,
    maximum_interval=timedelta(minutes=5),
)

# A caller waits for the answer: soon again, and the time limit of the call ends it.
WHILE_SOMEBODY_WAITS = RetryPolicy(
    initial_interval=timedelta(milliseconds=200),
    backoff_coefficient=2,
    maximum_interval=timedelta(seconds=2),
)

# Undoing must happen, but somebody has to look at it when it cannot: about a day and a half.
UNDO = RetryPolicy(
    initial_interval=timedelta(seconds=1),
    backoff_coefficient=2,
    maximum_interval=timedelta(minutes=15),
    maximum_attempts=150,
)

# Our own database: back within seconds as a rule.
OWN_DATABASE = RetryPolicy(
    initial_interval=timedelta(milliseconds=200),
    backoff_coefficient=2,
    maximum_interval=timedelta(seconds=10),
)

# Bookkeeping in our own database runs as local activities beside the workflow: no queue, no extra round trip to the
# server, two history events less for each. Effects outside never do; they have their own workers.
WORKFLOW_WRITES = LocalActivityConfig(
    start_to_close_timeout=timedelta(seconds=10),
    retry_policy=OWN_DATABASE,
)

# A look-up that changes nothing and is answered at once as a rule: beside the workflow, one short try. Meanwhile the
# workflow hears neither signals nor queries, so whoever needs longer is asked from the activity workers.
AT_ONCE = LocalActivityConfig(
    start_to_close_timeout=timedelta(seconds=1),
    retry_policy=RetryPolicy(maximum_attempts=1),
)
