"""Reconciliation on the command line."""
