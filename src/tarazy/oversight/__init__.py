"""Oversight: what operator and supervisor both compute about a facility from its record."""
