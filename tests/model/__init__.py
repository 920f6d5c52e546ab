"""A small model of an approval, and a machine that holds the desk against it."""
