"""People: their accounts, and what follows when those change."""
