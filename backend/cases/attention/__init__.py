"""What waits for a person, as one list and as the counters of the menu."""
