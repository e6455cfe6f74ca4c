"""Verbs of the bank rails."""
