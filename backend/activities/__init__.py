"""Single actions of workflows, each safe to repeat."""
