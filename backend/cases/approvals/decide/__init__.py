"""Decide an approval: people, deadlines, overrides, corrections and decisions taken back."""
