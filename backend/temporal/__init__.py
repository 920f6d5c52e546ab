"""Everything that talks to the Temporal server."""
