"""The life of a case: open, amend, act, withdraw, report, complete."""
