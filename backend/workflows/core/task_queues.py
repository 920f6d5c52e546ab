"""Names of task queues, for workflows."""

from backend.kit.naming import activity_queue, workflow_queue

__all__ = ["activity_queue", "workflow_queue"]
