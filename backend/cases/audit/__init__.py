"""What is proved: facts in a chain that can only grow, read, exported and verified."""
