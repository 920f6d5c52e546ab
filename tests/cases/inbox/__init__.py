"""The lists of approvals, and answers in bulk."""
