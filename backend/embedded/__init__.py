"""PostgreSQL, Temporal and the broker on one machine, without Docker."""
