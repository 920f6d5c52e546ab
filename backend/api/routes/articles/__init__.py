"""Routes of published articles."""
