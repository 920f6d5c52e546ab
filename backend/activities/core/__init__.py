"""What all activities share."""
