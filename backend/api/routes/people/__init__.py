"""Routes of people and substitutes."""
