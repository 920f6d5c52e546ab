"""Routes of the API reference and the style guide."""
