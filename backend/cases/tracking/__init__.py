"""How far cases are, and what they need from whom."""
