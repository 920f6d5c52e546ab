"""The vocabulary that workflows, activities, use cases and pages share: pure types, no I/O."""
