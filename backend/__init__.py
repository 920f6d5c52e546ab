"""Countersign, the business desk for Temporal."""
