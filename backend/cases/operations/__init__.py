"""Counts for monitoring, and removing what nobody needs any more."""
