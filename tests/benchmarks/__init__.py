"""Benchmarks: each compares Countersign with the same work written by hand, on the same servers in the same run."""
