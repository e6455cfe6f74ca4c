"""Simulated trading: engines, own pools, trades, a hostile owner, and one transaction before it is signed."""
