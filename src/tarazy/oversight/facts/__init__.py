"""Fact tables: a facility's record as rows of integers, each with its command and grade, and what is counted."""
