"""One module for each resource; a page and its REST twin call the same use case."""
