"""Workflow and activity workers of each domain, and their life cycle."""
