"""Consultations on draft rules: publication, comments, answers, conclusion."""
