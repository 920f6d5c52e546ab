"""The business processes, one file each."""
