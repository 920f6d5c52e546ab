"""Lists of approvals: filtered, sorted and counted by one statement, and decided in bulk."""
