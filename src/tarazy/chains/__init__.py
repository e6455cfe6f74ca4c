"""Chains read within bounds: one adapter for each kind of chain."""
