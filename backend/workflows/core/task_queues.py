"""Names of task queues, built in one place."""


def workflow_queue(domain: str) -> str:
    """The task queue of the domain's workflow workers."""
    return f"{domain}-workflow"


def activity_queue(domain: str) -> str:
    """The task queue of the domain's activity workers."""
    return f"{domain}-activity"
