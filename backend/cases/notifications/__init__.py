"""Tell people what happened, in the app and by email, once each."""
