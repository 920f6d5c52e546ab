"""Routes of processes: the catalogue, start forms, drafts and explained policies."""
