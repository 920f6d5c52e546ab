"""The demo's cases: every process in several states, opened and decided as people do it."""
