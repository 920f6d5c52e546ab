"""Routes of notifications and email preferences."""
