"""The trail, and proving it."""
