"""What the `countersign` commands do."""
