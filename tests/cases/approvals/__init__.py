"""Approvals: asked, decided, handed on, closed."""
