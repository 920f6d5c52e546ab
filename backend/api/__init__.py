"""The web: pages for people, REST for programs."""
