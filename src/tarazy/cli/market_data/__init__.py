"""Verbs that replay published order flow."""
