"""Tests in a real browser against all of `countersign up`. Run separately: Playwright keeps its own event loop."""
