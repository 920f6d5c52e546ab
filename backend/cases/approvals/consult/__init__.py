"""Questions to the requester and advice from colleagues."""
