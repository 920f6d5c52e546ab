"""What waits for a person: the list, and the counters of the menu."""
