"""A small model of an approval, and a state machine that compares the desk with it."""
