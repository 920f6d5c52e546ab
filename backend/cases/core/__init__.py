"""What all use cases share: who acts, what they may see, errors, the journal and the versions of a form."""
