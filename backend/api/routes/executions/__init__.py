"""Routes of Temporal executions."""
