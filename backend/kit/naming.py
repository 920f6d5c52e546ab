"""Workflow ids and names of task queues: built and parsed only here. They contain no personal data."""

CASE_PARTS = 3


def workflow_id(tenant: str, process: str, reference: str) -> str:
    """The id of a case's workflow."""
    return f"{tenant}.{process}.{reference}"


def child_id(parent: str, key: str) -> str:
    """The id of a child of this workflow."""
    return f"{parent}.{key}"


def case_workflow_id(any_id: str) -> str:
    """The id of the case's workflow, from its own id or that of a child, however deep."""
    return ".".join(any_id.split(".")[:CASE_PARTS])


def workflow_queue(domain: str) -> str:
    """The task queue of the domain's workflow workers."""
    return f"{domain}-workflow"


def activity_queue(domain: str) -> str:
    """The task queue of the domain's activity workers."""
    return f"{domain}-activity"
