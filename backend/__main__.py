"""`python -m backend` is `countersign`."""

from backend.cli import main

main()
