"""Names of task queues; nobody spells them by hand."""


def workflow_queue(domain: str) -> str:
    """Where the domain's workflow workers listen."""
    return f"{domain}-workflow"


def activity_queue(domain: str) -> str:
    """Where the domain's activity workers listen."""
    return f"{domain}-activity"
