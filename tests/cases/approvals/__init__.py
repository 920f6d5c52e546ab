"""Approvals: request, decide, reassign and close."""
