"""Countersign, the business desk for Temporal."""

VERSION = "0.1.0"
