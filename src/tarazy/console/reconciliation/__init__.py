"""Pages about the reconciliation: the report of a run."""
