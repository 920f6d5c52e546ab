"""What Temporal has to hear, and whether both sides still agree: outbox, relay, reconciler."""
