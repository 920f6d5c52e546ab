"""Routes of sign-in and sign-out."""
