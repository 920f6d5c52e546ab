"""Open an approval, or explain before the start who would have to approve."""
