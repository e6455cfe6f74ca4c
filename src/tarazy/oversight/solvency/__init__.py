"""Solvency: what is owed, under the signed root; what lies against it, by evidence; what a supervisor recomputes."""
