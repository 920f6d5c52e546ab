"""Routes of cases: lists, the page of one, its actions and files."""
