"""Verbs for those who work on Tarazy: benches and skeletons."""
