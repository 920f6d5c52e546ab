"""Tests of everything, against real servers."""
