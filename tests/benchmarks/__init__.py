"""How fast it is, always as a ratio to the same work done by hand against the same servers in the same run."""
