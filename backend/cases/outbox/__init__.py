"""What Temporal has to hear: the outbox and the relay that delivers it."""
