"""Oversight: what both houses, facility and authority, read of a facility's record to judge it."""
