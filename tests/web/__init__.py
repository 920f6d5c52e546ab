"""The pages and the REST API, in front of a real database."""
