"""The audit log and its proof."""
