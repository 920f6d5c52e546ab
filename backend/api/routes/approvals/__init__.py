"""Routes of approvals: the inbox, one approval, and everything people do with it."""
