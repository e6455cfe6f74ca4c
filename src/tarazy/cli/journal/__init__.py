"""Verbs that read, check and prove a journal."""
