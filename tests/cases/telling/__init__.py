"""Who is told what, when, and once."""
