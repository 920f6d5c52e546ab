"""Use cases against a real PostgreSQL, without Temporal."""
