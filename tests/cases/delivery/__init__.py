"""Outbox, relay, and mending what drifted apart."""
