"""Pages of groups and rights."""
