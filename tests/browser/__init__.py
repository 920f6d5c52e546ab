"""A real browser in front of all that `countersign up` starts. Run apart: Playwright keeps its own event loop."""
