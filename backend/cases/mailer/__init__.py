"""Emails: written when they are sent, delivered once, logged."""
