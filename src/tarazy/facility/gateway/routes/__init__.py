"""The endpoints under /api/v3, one file for each group."""
