"""`countersign new-process`: writes a process from the templates in this folder."""
