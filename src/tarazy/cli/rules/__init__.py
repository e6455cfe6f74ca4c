"""Verbs of the rulebook."""
