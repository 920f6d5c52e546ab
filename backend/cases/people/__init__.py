"""Who signs in, and who looks after them."""
