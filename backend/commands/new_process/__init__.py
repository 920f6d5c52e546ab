"""`countersign new-process`: what it writes, from the templates beside it."""
