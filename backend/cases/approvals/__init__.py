"""Questions to people and their one verdict: asked, answered, closed, and all that people do in between."""
