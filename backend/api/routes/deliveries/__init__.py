"""Routes of the email log."""
