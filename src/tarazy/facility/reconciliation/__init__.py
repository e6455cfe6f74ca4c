"""Reconciliation: ledger = book = chain or statement, per asset and per account, and what follows from a difference."""
