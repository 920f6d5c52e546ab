"""Pages of the first start."""
