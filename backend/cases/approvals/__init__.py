"""Approvals from request to verdict: assigned, decided, consulted on, and shown."""
