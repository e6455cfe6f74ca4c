"""Verbs of the screening."""
