"""The audit log: facts in a hash chain that can only grow, and how it is read, exported and verified."""
