"""The lists of approvals: what waits for whom, filtered, sorted, counted by one statement, and answered in bulk."""
