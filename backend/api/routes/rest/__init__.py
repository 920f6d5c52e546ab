"""The REST twins of the pages, under /api/v1."""
