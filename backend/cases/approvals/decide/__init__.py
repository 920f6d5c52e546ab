"""Decide an approval: people, deadlines, overrides, corrections and retracted decisions."""
