"""Compare our read model with Temporal and repair the differences."""
