"""Retry policies, named by intent. Errors marked non-retryable end any of them at once."""

from datetime import timedelta

from temporalio.common import RetryPolicy
from temporalio.workflow import LocalActivityConfig

# An external system is down for minutes or hours now and then; the case waits for it.
PATIENT = RetryPolicy(
    initial_interval=timedelta(seconds=1),
    backoff_coefficient=2,
    maximum_interval=timedelta(minutes=5),
)

# A caller waits for the answer: retry soon; the time limit of the call ends it.
CALLER_WAITS = RetryPolicy(
    initial_interval=timedelta(milliseconds=200),
    backoff_coefficient=2,
    maximum_interval=timedelta(seconds=2),
)

# A compensation must happen, but people have to know when it cannot: about a day and a half.
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

# Writes to our own database run as local activities in the workflow's worker: no queue, no extra round trip to the
# server, two history events less for each. External effects never do; they have their own workers.
WORKFLOW_WRITES = LocalActivityConfig(
    start_to_close_timeout=timedelta(seconds=10),
    retry_policy=OWN_DATABASE,
)

# A lookup that changes nothing and is answered at once as a rule: a local activity with one short try. Meanwhile the
# workflow handles neither signals nor queries, so slower lookups go to the activity workers.
QUICK_LOOKUP = LocalActivityConfig(
    start_to_close_timeout=timedelta(seconds=1),
    retry_policy=RetryPolicy(maximum_attempts=1),
)
