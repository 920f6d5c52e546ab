"""Text, dates and numbers in the language of the reader. English is the source."""
