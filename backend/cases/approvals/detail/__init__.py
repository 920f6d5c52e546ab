"""Everything that the page of one approval shows."""
