"""The use cases: open, decide, amend, recall, comment; and what keeps them true."""
