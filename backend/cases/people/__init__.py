"""People: sign-in, tokens, and administration of accounts."""
