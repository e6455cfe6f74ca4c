"""Proofs of solvency on the command line."""
