"""Verbs of a facility and of its officers."""
