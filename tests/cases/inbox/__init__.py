"""Lists of approvals, and bulk decisions."""
